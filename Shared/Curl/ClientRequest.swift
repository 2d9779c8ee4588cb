/// One request, with every limit it is held to.
public struct ClientRequest: Sendable {
    /// An HTTP method, upper case.
    public var method: String
    /// An absolute `http` or `https` URL, without user and password.
    public var url: String
    /// Sent in this order, besides `Host`, unless it is among them, and `Content-Length`.
    public var headers: [(String, String)]
    /// Sent whole; none for an empty one with `GET`, `HEAD` and `DELETE`.
    public var body: [UInt8]
    /// For name, connection and handshake together.
    public var connectTimeout: Duration
    /// How long the connected peer may stay silent. Time in which the reader holds a stream back
    /// does not count.
    public var idleTimeout: Duration
    /// For everything, waiting for a free place and reading a stream included.
    public var deadline: Duration?
    /// Largest body that is accepted, in bytes, streamed or whole.
    public var maxBody: Int
    /// True to connect to addresses of the public internet alone, whatever the name resolves to at
    /// that moment: for URLs that a stranger has given. Such a request uses no proxy. A client keeps
    /// connections, so requests with and without it belong to different clients.
    public var isPublicOnly = false
    /// Path of a socket to connect to in place of the URL's host.
    public var unixSocket: String?

    public init(
        method: String = "GET", url: String, headers: [(String, String)] = [], body: [UInt8] = [],
        connectTimeout: Duration = .seconds(10), idleTimeout: Duration = .seconds(60),
        deadline: Duration? = nil, maxBody: Int = 16 << 20, unixSocket: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.deadline = deadline
        self.maxBody = maxBody
        self.unixSocket = unixSocket
    }
}

extension ClientRequest {
    /// Throws for a method or header that would end, or say something else, where it is written.
    func check() throws(HTTPClientError) {
        guard Self.isToken(method) else { throw .other("the method is not an HTTP method") }
        for (name, value) in headers {
            guard Self.isToken(name),
                value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 9 })
            else { throw .other("a header holds what HTTP does not allow") }
        }
    }

    /// Whether a field of this name is among the headers.
    func names(_ field: String) -> Bool {
        headers.contains { HeadLine.sameName($0.0.utf8, field.utf8) }
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D,
                    0x2E, 0x5E...0x60, 0x7C, 0x7E:
                    true
                default: false
                }
            }
    }
}
