import Curl
public import EventLoop
public import MeshContract

/// A request to an identity provider.
public struct ProviderRequest: Sendable {
    public var method: String
    public var url: String
    public var headers: [(String, String)]
    public var body: [UInt8]

    public init(
        _ method: String = "GET", _ url: String, headers: [(String, String)] = [],
        body: [UInt8] = []
    ) {
        (self.method, self.url) = (method, url)
        self.headers = [("Accept", "application/json"), ("User-Agent", "atelier")] + headers
        self.body = body
    }
}

/// What an identity provider answered.
public struct ProviderReply: Sendable {
    public var status: Int
    public var body: [UInt8]

    public init(status: Int, body: [UInt8]) { (self.status, self.body) = (status, body) }
}

/// The way to identity providers, so that tests need no network for what is decided here.
public protocol ProviderAsking: Sendable {
    /// Throws `upstream` or `timed-out` where there is no answer.
    func ask(_ request: ProviderRequest) async throws(Fault) -> ProviderReply
}

/// Asks over HTTP: verified certificates, no redirects, an answer of a megabyte within ten seconds.
public struct CurlAsking: ProviderAsking {
    private let client: HTTPClient

    public init(on loop: EventLoop) {
        var limits = HTTPClient.Limits()
        (limits.transfers, limits.queue, limits.idleConnections) = (32, 256, 8)
        client = HTTPClient(on: loop, limits: limits)
    }

    public func ask(_ request: ProviderRequest) async throws(Fault) -> ProviderReply {
        do {
            let response = try await client.send(
                ClientRequest(
                    method: request.method, url: request.url, headers: request.headers,
                    body: request.body, connectTimeout: .seconds(5), idleTimeout: .seconds(10),
                    deadline: .seconds(10), maxBody: 1 << 20))
            return ProviderReply(status: response.status, body: response.body)
        } catch {
            throw Fault(.upstream, "the identity provider did not answer", detail: "\(error)")
        }
    }
}

/// Which addresses of providers are taken: what decides who somebody is comes over TLS, or from this
/// machine itself.
enum ProviderURL {
    static func isTrusted(_ url: String) -> Bool {
        guard !url.contains(where: { $0 == "#" || $0 == " " || $0 == "@" || $0.isNewline }) else {
            return false
        }
        if url.hasPrefix("https://") { return url.utf8.count > 8 }
        guard url.hasPrefix("http://") else { return false }
        let host = url.dropFirst(7).prefix { $0 != "/" && $0 != "?" }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1]"].contains(String(name))
    }

    /// A query behind an address, each value escaped (RFC 3986).
    static func adding(_ fields: [(String, String)], to url: String) -> String {
        url + (url.contains("?") ? "&" : "?") + form(fields)
    }

    /// `application/x-www-form-urlencoded`.
    static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: out.append(byte)
            default: out += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
