/// Why a provider gave no whole reply, said alike for every dialect.
public struct UpstreamFailure: Error, Sendable, Equatable {
    public enum Kind: String, Sendable, Codable {
        /// Too many requests for now.
        case rateLimited
        /// The provider has no room at the moment.
        case overloaded
        /// The key is missing, wrong or may not do this.
        case unauthorized
        /// The provider refuses the request as it stands.
        case badRequest
        /// The provider has no such model.
        case notFound
        /// The provider failed.
        case server
        /// The stream ended before the reply did.
        case truncated
        /// What came is not the dialect.
        case garbage
        /// The account has nothing left to spend.
        case quota
        /// The provider ran out of its own time.
        case timeout
    }

    public let kind: Kind
    /// The response's status; nil for a failure within a stream.
    public let status: Int?
    /// The provider's own words where there are any: at most 500 characters, without keys.
    public let message: String
    /// How long the provider asks to be left alone.
    public let retryAfter: Duration?
    /// Whether the same request may succeed later.
    public let isRetryable: Bool

    /// `retryable` is the provider's own answer, where it gives one.
    public init(
        _ kind: Kind, status: Int? = nil, message: String, retryAfter: Duration? = nil,
        retryable: Bool? = nil
    ) {
        self.kind = kind
        self.status = status
        self.message = Words.clean(message)
        self.retryAfter = retryAfter
        isRetryable = retryable ?? Self.isRetryable(kind)
    }

    /// The same without `secret`, should the provider have quoted it.
    public func hiding(_ secret: String?) -> UpstreamFailure {
        guard let secret, !secret.isEmpty else { return self }
        return UpstreamFailure(
            kind, status: status, message: Words.replace(secret, in: message),
            retryAfter: retryAfter, retryable: isRetryable)
    }

    private static func isRetryable(_ kind: Kind) -> Bool {
        switch kind {
        case .rateLimited, .overloaded, .server, .truncated, .timeout: true
        case .unauthorized, .badRequest, .notFound, .garbage, .quota: false
        }
    }

    static func badRequest(_ message: String) -> UpstreamFailure {
        UpstreamFailure(.badRequest, message: message)
    }
    static func garbage(_ message: String) -> UpstreamFailure {
        UpstreamFailure(.garbage, message: message)
    }
    static var truncated: UpstreamFailure {
        UpstreamFailure(.truncated, message: "the stream ended before the reply did")
    }
}

extension UpstreamFailure: CustomStringConvertible {
    public var description: String {
        let status = status.map { " \($0)" } ?? ""
        return "\(kind.rawValue)\(status): \(message)"
    }
}
