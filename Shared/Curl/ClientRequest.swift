/// One request, with every limit it is held to.
public struct ClientRequest: Sendable {
    /// An HTTP method, upper case.
    public var method: String
    /// An absolute `http` or `https` URL, without user and password.
    public var url: String
    /// Sent in this order, besides `Host` and `Content-Length`, which libcurl writes.
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
