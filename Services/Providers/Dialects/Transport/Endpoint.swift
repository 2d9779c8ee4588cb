/// Where a provider is reached, and with which key. Its description leaves the key out.
public struct Endpoint: Sendable {
    /// As the official libraries take it: with `/v1` for OpenAI, bare for the others; a
    /// version at its end goes before the dialect's own.
    public var baseURL: String
    public var key: String?
    /// Sent besides the dialect's own.
    public var headers: [(name: String, value: String)]

    public init(
        baseURL: String, key: String? = nil, headers: [(name: String, value: String)] = []
    ) {
        self.baseURL = baseURL
        self.key = key
        self.headers = headers
    }

    func url(_ path: String) throws(UpstreamFailure) -> String {
        var base = Substring(baseURL)
        while base.last == "/" { base.removeLast() }
        guard base.hasPrefix("http://") || base.hasPrefix("https://") else {
            throw .badRequest("the endpoint has no http or https address")
        }
        for version in ["/v1", "/v1beta"] where base.hasSuffix(version) {
            // The version stands in both; what the address says goes.
            for own in ["/v1/", "/v1beta/"] where path.hasPrefix(own) {
                return String(base) + path.dropFirst(own.utf8.count - 1)
            }
        }
        return String(base) + path
    }

    /// A piece of an address, with what could end it escaped (RFC 3986).
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return escaped
    }

    /// The dialect's fields, the key's and those of the configuration.
    func fields(
        accept: String?, key field: (name: String, prefix: String), hasBody: Bool = true
    ) throws(UpstreamFailure) -> [(name: String, value: String)] {
        var all: [(name: String, value: String)] = [("Accept", accept ?? "application/json")]
        if hasBody { all.append(("Content-Type", "application/json")) }
        if let key, !key.isEmpty {
            guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw .badRequest("the key holds what a header cannot")
            }
            all.append((field.name, field.prefix + key))
        }
        return all + headers
    }
}

extension Endpoint: CustomStringConvertible, CustomReflectable {
    public var description: String { baseURL }
    public var customMirror: Mirror { Mirror(self, children: ["baseURL": baseURL]) }
}
