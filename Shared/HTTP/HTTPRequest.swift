/// One request: its head, taken apart and checked. The body comes as a `BodyStream`.
public struct HTTPRequest: Sendable {
    /// As sent; methods tell upper from lower case.
    public var method: String
    /// The request target as sent.
    public var target: String
    /// Percent-decoded and safe to split: starts with `/` (or is `*`), is valid UTF-8, and holds no
    /// `.` or `..` segment and no control character, also none that was written in escapes.
    public var path: String
    /// Percent-decoded, `+` read as a space, in order.
    public var query: [(name: String, value: String)]
    public var headers: HTTPHeaders
    /// The address of the peer, without its port.
    public var remote: String
    /// Whether it came over TLS.
    public var isSecure: Bool

    /// For tests and for requests that do not come from a socket.
    public init(
        method: String, target: String, path: String,
        query: [(name: String, value: String)] = [], headers: HTTPHeaders = HTTPHeaders(),
        remote: String = "", isSecure: Bool = false
    ) {
        self.method = method
        self.target = target
        self.path = path
        self.query = query
        self.headers = headers
        self.remote = remote
        self.isSecure = isSecure
    }

    /// The first value of a query parameter.
    public func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }
}
