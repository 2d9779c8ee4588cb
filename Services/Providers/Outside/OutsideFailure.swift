import Curl
public import MeshContract

/// Why somebody outside did not do what was asked: e-mail, search and images alike.
public struct OutsideFailure: Error, Equatable, Sendable {
    /// What of it matters to a caller.
    public enum Kind: String, Sendable {
        /// Asked too often; later it may do.
        case limited
        /// Refused as it stands: asked again, it is refused again.
        case refused
        /// Failed, or could not be reached.
        case failed
        /// Took longer than there was time.
        case timedOut
        /// Answered with what is not the expected answer.
        case garbled
        /// Too much is under way already.
        case overloaded
    }

    public let kind: Kind
    /// What happened, in our words.
    public let message: String
    /// The other side's words, cleaned; no keys, and no more than a few lines.
    public let words: String?
    /// How long the other side asks to be left alone.
    public let retryAfter: Duration?

    public init(
        _ kind: Kind, _ message: String, words: String? = nil, retryAfter: Duration? = nil
    ) {
        (self.kind, self.message) = (kind, message)
        (self.words, self.retryAfter) = (words.map(Self.clean), retryAfter)
    }

    /// True when the same request may succeed later.
    public var isRetryable: Bool { kind != .refused }

    /// From an exchange that brought no response.
    init(_ error: HTTPClientError, with name: String) {
        switch error {
        case .idle, .timedOut: self.init(.timedOut, "\(name) took too long", words: "\(error)")
        case .overloaded: self.init(.overloaded, "too many requests to \(name) are under way")
        case .tooLarge: self.init(.refused, "\(name) sent more than is taken", words: "\(error)")
        case .badURL: self.init(.refused, "\(name) has no address that can be asked")
        case .resolve, .connect, .tls:
            self.init(.failed, "\(name) cannot be reached", words: "\(error)")
        case .truncated, .cancelled, .other:
            self.init(.failed, "the exchange with \(name) failed", words: "\(error)")
        }
    }

    /// From a response that is no success.
    init(status: Int, headers: ResponseHeaders, words: String?, with name: String) {
        let said = words.map { "\(status): \($0)" } ?? "\(status)"
        switch status {
        case 429:
            self.init(
                .limited, "\(name) takes no more requests for now", words: said,
                retryAfter: RetryAfter.read(headers))
        case 408, 500...:
            self.init(
                .failed, "\(name) failed", words: said, retryAfter: RetryAfter.read(headers))
        case 401, 403: self.init(.refused, "\(name) refuses us", words: said)
        case 300..<400: self.init(.refused, "\(name) is elsewhere", words: said)
        default: self.init(.refused, "\(name) refuses the request", words: said)
        }
    }

    /// One line of at most 300 characters.
    private static func clean(_ words: String) -> String {
        let plain = words.unicodeScalars.prefix(2_000).map { scalar in
            scalar.value < 32 || scalar.value == 127 ? " " : Character(scalar)
        }
        return String(String(plain).split(separator: " ").joined(separator: " ").prefix(300))
    }
}

extension OutsideFailure: FaultConvertible {
    /// The same as a caller on the mesh hears it.
    public var fault: Fault {
        let code: Fault.Code =
            switch kind {
            case .limited: .limited
            case .refused, .failed, .garbled: .upstream
            case .timedOut: .timedOut
            case .overloaded: .overloaded
            }
        let wait = retryAfter.map { Int(clamping: $0.components.seconds) * 1_000 }
        return Fault(code, message, detail: words, retryAfterMilliseconds: wait)
    }
}

extension OutsideFailure: CustomStringConvertible {
    public var description: String { words.map { "\(message) (\($0))" } ?? message }
}
