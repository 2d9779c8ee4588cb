import Civil
import Crypto

/// Signs requests to S3 and what speaks like it: AWS Signature Version 4 in headers, the whole
/// payload hashed (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
struct S3Signer: Sendable {
    let accessKey: String
    private let secret: String
    let sessionToken: String?
    let region: String

    init(accessKey: String, secret: String, sessionToken: String?, region: String) {
        (self.accessKey, self.secret) = (accessKey, secret)
        (self.sessionToken, self.region) = (sessionToken, region)
    }

    /// What is signed of a request; header names in lower case.
    struct Request: Sendable {
        var method: String
        var host: String
        /// Not yet encoded, beginning with a slash.
        var path: String
        var query: [(String, String)] = []
        var headers: [(String, String)] = []
        /// Hexadecimal.
        var payloadHash: String
    }

    /// The headers to send besides the request's own and `Host`. `time` is in wall seconds.
    func headers(for request: Request, at time: Int64) -> [(String, String)] {
        let stamp = CivilTime(time).basic
        let day = String(stamp.prefix(8))
        var added = [("x-amz-content-sha256", request.payloadHash), ("x-amz-date", stamp)]
        if let sessionToken { added.append(("x-amz-security-token", sessionToken)) }
        let signed = (request.headers + added + [("host", request.host)]).sorted { $0.0 < $1.0 }
        let names = signed.map(\.0).joined(separator: ";")
        let canonical = [
            request.method, S3Text.encode(request.path, keeping: "/"),
            S3Text.query(request.query),
            signed.map { "\($0.0):\($0.1)\n" }.joined(), names, request.payloadHash,
        ].joined(separator: "\n")
        let scope = "\(day)/\(region)/s3/aws4_request"
        let text = [
            "AWS4-HMAC-SHA256", stamp, scope, SHA256.hex(Array(canonical.utf8)),
        ].joined(separator: "\n")
        let signature = Hex.encode(SHA256.hmac(Array(text.utf8), key: key(day)))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope),SignedHeaders=\(names),"
            + "Signature=\(signature)"
        return added + [("authorization", authorization)]
    }

    private func key(_ day: String) -> [UInt8] {
        [day, region, "s3", "aws4_request"].reduce(Array("AWS4\(secret)".utf8)) { key, part in
            SHA256.hmac(Array(part.utf8), key: key)
        }
    }
}

/// The spellings that S3 wants.
enum S3Text {
    /// Percent-encodes everything but RFC 3986's unreserved characters and those in `kept`.
    static func encode(_ text: String, keeping kept: String = "") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let keep = Array("-._~\(kept)".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || keep.contains(byte)
            if isPlain {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func query(_ items: [(String, String)]) -> String {
        items.map { (encode($0.0), encode($0.1)) }
            .sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 < $1.0 }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// The texts of all elements of one name in an answer; S3's answers have no attributes there and
    /// nothing within that has the same name.
    static func elements(_ name: String, in xml: String) -> [String] {
        var found: [String] = []
        var rest = xml[...]
        while let start = rest.firstRange(of: "<\(name)>") {
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "</\(name)>") else { break }
            found.append(unescape(rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return found
    }

    private static func unescape(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var out = String(text)
        for (name, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'")] {
            out = out.replacing(name, with: sign)
        }
        return out.replacing("&amp;", with: "&")
    }
}
