public import Dialects

/// Why a request to a target brought no answer, as far as it decides what is done next.
public enum FailureKind: String, Sendable, CaseIterable {
    /// Too many requests for this key and model.
    case rateLimited = "rate-limited"
    /// The key's account has nothing left to spend.
    case quota
    case unauthorized
    /// The request itself is refused, and would be anywhere.
    case badRequest = "bad-request"
    case notFound = "not-found"
    case overloaded
    case server
    /// No connection: the request was not sent.
    case unreachable
    case timeout
    /// The answer broke off.
    case truncated
    case garbage
    /// Whoever asked has gone; says nothing of the target.
    case cancelled

    public init(_ failure: UpstreamFailure) {
        self =
            switch failure.kind {
            case .rateLimited: .rateLimited
            case .overloaded: .overloaded
            case .unauthorized: .unauthorized
            case .badRequest: .badRequest
            case .notFound: .notFound
            case .server: .server
            case .truncated: .truncated
            case .garbage: .garbage
            case .quota: .quota
            case .timeout: .timeout
            }
    }

    /// What the rest of the same answer's requests may still be sent to.
    enum Consequence { case again, otherKey, otherModel, otherTarget, nowhere }

    var consequence: Consequence {
        switch self {
        case .rateLimited, .overloaded, .server, .unreachable, .truncated, .timeout: .again
        case .quota, .unauthorized: .otherKey
        case .notFound: .otherModel
        case .garbage: .otherTarget
        case .badRequest, .cancelled: .nowhere
        }
    }

    /// How `error.type` of the OpenTelemetry conventions names it.
    public var word: String { rawValue.replacing("-", with: "_") }
}

extension String {
    fileprivate func replacing(_ one: Character, with other: Character) -> String {
        String(map { $0 == one ? other : $0 })
    }
}

/// A failed request, as the rules see it.
public struct Failure: Sendable, Equatable {
    public var kind: FailureKind
    /// How long the provider asks to be left alone.
    public var retryAfter: Duration?
    /// False where the provider says that the same request must not come again.
    public var mayRepeat: Bool

    public init(_ kind: FailureKind, retryAfter: Duration? = nil, mayRepeat: Bool = true) {
        (self.kind, self.retryAfter, self.mayRepeat) = (kind, retryAfter, mayRepeat)
    }

    public init(_ failure: UpstreamFailure) {
        self.init(
            FailureKind(failure), retryAfter: failure.retryAfter, mayRepeat: failure.isRetryable)
    }
}

/// How long to wait before a request is made again.
public struct Backoff: Sendable, Equatable {
    public var base: Duration
    public var longest: Duration

    public init(base: Duration = .milliseconds(400), longest: Duration = .seconds(8)) {
        (self.base, self.longest) = (base, longest)
    }

    /// After so many failures. `chance` is from zero to one: it spreads callers that failed together,
    /// and never shortens what a provider asked for.
    public func pause(after failures: Int, asked: Duration?, chance: Double) -> Duration {
        let chance = min(max(chance, 0), 1)
        if let asked { return max(asked, .zero) + .milliseconds(100) * chance }
        return min(base * (1 << min(max(failures - 1, 0), 10)), longest) * (0.5 + chance / 2)
    }
}

extension Duration {
    /// Nanoseconds, not below zero and held to what a clock can count.
    var nanosecondsClamped: UInt64 {
        let (seconds, rest) = components
        guard seconds >= 0, rest >= 0 else { return 0 }
        let (whole, isOver) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return isOver ? .max >> 1 : min(whole, .max >> 1) + UInt64(rest) / 1_000_000_000
    }
}
