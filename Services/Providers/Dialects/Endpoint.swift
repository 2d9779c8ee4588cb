/// Where a provider is reached, and with which key. Its description leaves the key out.
public struct Endpoint: Sendable {
    /// As the official libraries take it: with `/v1` for OpenAI, bare for the others.
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
        if path.hasPrefix("/v1/"), base.hasSuffix("/v1") { base.removeLast(3) }
        return base + path
    }

    /// The dialect's fields, the key's and those of the configuration.
    func fields(
        accept: String, key field: (name: String, prefix: String)
    ) throws(UpstreamFailure) -> [(name: String, value: String)] {
        var all: [(name: String, value: String)] = [
            ("Content-Type", "application/json"), ("Accept", accept),
        ]
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
