/// What a client is told when it gets no reply, said alike for every dialect.
public struct ServedFault: Error, Sendable, Equatable {
    public enum Kind: Sendable {
        case badRequest
        /// Our key is missing or wrong, and not one of a provider's.
        case unauthorized
        case forbidden, notFound, tooLarge, rateLimited
        /// There is nothing left to spend.
        case quota
        case overloaded, timeout
        /// We have failed.
        case server
        /// The provider has failed, or refuses us.
        case upstream
    }

    public var kind: Kind
    public var message: String
    /// The field that is wrong.
    public var path: FieldPath?
    /// A stable word for the cause, where the dialect has one beside its kind.
    public var code: String?
    public var retryAfter: Duration?
    /// What the client's library is told about trying again; nil leaves it to the status.
    public var isRetryable: Bool?

    public init(
        _ kind: Kind, _ message: String, path: FieldPath? = nil, code: String? = nil,
        retryAfter: Duration? = nil, isRetryable: Bool? = nil
    ) {
        (self.kind, self.message, self.path, self.code) = (kind, message, path, code)
        (self.retryAfter, self.isRetryable) = (retryAfter, isRetryable)
    }

    /// A provider's failure, as a client of ours may see it: whose key was refused is ours to know.
    public init(_ failure: UpstreamFailure) {
        let kind: Kind =
            switch failure.kind {
            case .rateLimited: .rateLimited
            case .overloaded: .overloaded
            case .badRequest: .badRequest
            case .notFound: .notFound
            case .timeout: .timeout
            case .quota: .quota
            case .unauthorized, .server, .truncated, .garbage: .upstream
            }
        let message =
            failure.kind == .unauthorized ? "the provider refuses its key" : failure.message
        self.init(
            kind, message, retryAfter: failure.retryAfter, isRetryable: failure.isRetryable)
    }

    /// The fields that the official libraries obey when they try again.
    var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let isRetryable { headers.append(("x-should-retry", isRetryable ? "true" : "false")) }
        if let retryAfter {
            let (seconds, atto) = retryAfter.components
            let milliseconds = max(0, seconds * 1_000 + atto / 1_000_000_000_000_000)
            headers.append(("retry-after-ms", String(milliseconds)))
            headers.append(("retry-after", String((milliseconds + 999) / 1_000)))
        }
        return headers
    }

    func reply(_ status: Int, _ body: JSONValue) -> ErrorReply {
        ErrorReply(
            status: status, headers: [("content-type", "application/json")] + headers,
            body: body.bytes)
    }
}
