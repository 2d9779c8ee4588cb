import Curl
import Dialects

/// When a request that brought no text is made again. Pure, so that it is tested without waiting.
struct RetryRule: Sendable {
    /// All requests for one answer, the first included.
    var tries: Int
    var base = Duration.milliseconds(400)
    var longest = Duration.seconds(8)

    /// How long to wait before try `attempt + 1`; nil to give up. `chance` is from zero to one:
    /// it spreads callers that failed together, and never shortens what a provider asked for.
    func pause(after error: any Error, attempt: Int, left: Duration, chance: Double) -> Duration? {
        guard attempt < tries else { return nil }
        let pause: Duration
        switch error {
        case let failure as UpstreamFailure:
            guard failure.isRetryable else { return nil }
            if let asked = failure.retryAfter {
                pause = asked + .milliseconds(100) * chance
            } else {
                pause = backoff(attempt, chance)
            }
        case let error as HTTPClientError where Self.isRetryable(error):
            pause = backoff(attempt, chance)
        default: return nil
        }
        return pause < left ? pause : nil
    }

    private func backoff(_ attempt: Int, _ chance: Double) -> Duration {
        min(base * (1 << min(attempt - 1, 10)), longest) * (0.5 + chance / 2)
    }

    private static func isRetryable(_ error: HTTPClientError) -> Bool {
        switch error {
        case .resolve, .connect, .truncated, .other: true
        case .badURL, .tls, .timedOut, .idle, .tooLarge, .cancelled, .overloaded: false
        }
    }
}
