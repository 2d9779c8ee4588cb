import Crypto
import FoundationEssentials
import HTTP
import MeshContract
import REST

/// The web page as it was built: its files, read once, with what a browser must be told of them.
struct WebPage: Sendable {
    /// A folder that holds more than this is not ours.
    private static let mostBytes = 16 << 20
    private static let mostFiles = 500
    /// What names its own content is kept for good.
    private static let hashed = "/assets/"
    /// What an application's address never begins with: an unknown one there is a mistake.
    private static let others = ["/api", "/v1", "/assets", "/links", "/socket.io", "/ws"]

    struct File: Sendable {
        let type: String
        let tag: String
        /// By the name of the coding; the plain bytes under "".
        let forms: [String: [UInt8]]
    }

    private let files: [String: File]

    var isThere: Bool { files["/index.html"] != nil }

    /// Whatever is not readable there is left out: a gateway without its page is still a gateway.
    init(folder: String) {
        var contents: [String: [UInt8]] = [:]
        var left = Self.mostBytes
        for part in ["", "assets/"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + part))
            for name in (names ?? []).sorted().prefix(Self.mostFiles) where !name.hasPrefix(".") {
                guard let data = FileManager.default.contents(atPath: "\(folder)/\(part)\(name)"),
                    data.count <= left
                else { continue }
                left -= data.count
                contents["/" + part + name] = Array(data)
            }
        }
        var files: [String: File] = [:]
        for (path, bytes) in contents {
            guard let type = Self.type(of: path) else { continue }
            var forms = ["": bytes]
            forms["br"] = contents[path + ".br"]
            forms["gzip"] = contents[path + ".gz"]
            files[path] = File(type: type, tag: SHA256.hex(bytes), forms: forms)
        }
        self.files = files
    }

    /// The file that a request asks for, or the application for one of its addresses; nil for what
    /// is neither.
    func answer(to request: HTTPRequest) -> Answer? {
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        if let file = files[request.path] { return answer(file, at: request.path, to: request) }
        let isOther = Self.others.contains {
            request.path == $0 || request.path.hasPrefix($0 + "/")
        }
        let last = request.path.split(separator: "/").last ?? ""
        guard !isOther, !last.contains("."), let index = files["/index.html"] else { return nil }
        return answer(index, at: "/index.html", to: request)
    }

    private func answer(_ file: File, at path: String, to request: HTTPRequest) -> Answer {
        let accepted = Self.codings(request.headers.all("accept-encoding"))
        let coding = ["br", "gzip"].first { file.forms[$0] != nil && accepted.contains($0) } ?? ""
        let tag = coding.isEmpty ? "\"\(file.tag)\"" : "\"\(file.tag)-\(coding)\""
        let isForGood = path.hasPrefix(Self.hashed)
        var headers = [
            ("ETag", tag), ("Vary", "Accept-Encoding"),
            ("Cache-Control", isForGood ? "public, max-age=31536000, immutable" : "no-cache"),
        ]
        if request.headers.all("if-none-match").joined(separator: ",").contains(tag) {
            return .bytes(304, headers: headers, [])
        }
        headers.append(("Content-Type", file.type))
        if !coding.isEmpty { headers.append(("Content-Encoding", coding)) }
        if file.type.hasPrefix("text/html") { headers += Self.guards }
        return .bytes(200, headers: headers, file.forms[coding] ?? [])
    }

    /// Only what we serve runs, and only on our own page (W3C Content Security Policy Level 3).
    static let guards = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                + "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
                + "form-action 'self'; frame-ancestors 'none'"
        ),
        ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ]

    /// The codings that a client takes (RFC 9110, section 12.5.3).
    private static func codings(_ values: [String]) -> Set<String> {
        let parts = values.joined(separator: ",").lowercased().split(separator: ",")
        return Set(
            parts.compactMap { part in
                let words = part.filter { $0 != " " && $0 != "\t" }.split(separator: ";")
                let isRefused = words.dropFirst().contains { word in
                    word.hasPrefix("q=0") && word.dropFirst(3).allSatisfy { "0.".contains($0) }
                }
                return isRefused ? nil : words.first.map(String.init)
            })
    }

    /// nil for what a page does not consist of.
    private static func type(of path: String) -> String? {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "webp": "image/webp"
        case "woff2": "font/woff2"
        case "webmanifest": "application/manifest+json"
        case "txt": "text/plain; charset=utf-8"
        default: nil
        }
    }
}
