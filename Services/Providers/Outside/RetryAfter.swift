import Civil
import Curl

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a moment by the server's own clock.
enum RetryAfter {
    /// Longer waits are cut to this.
    private static let longest: Int64 = 86_400

    static func read(_ headers: ResponseHeaders) -> Duration? {
        guard let text = headers["retry-after"] else { return nil }
        if let seconds = Double(text), seconds.isFinite, seconds >= 0 {
            return .milliseconds(Int64(min(seconds, Double(longest)) * 1_000))
        }
        guard let then = CivilTime.seconds(httpDate: text),
            let now = headers["date"].flatMap({ CivilTime.seconds(httpDate: $0) })
        else { return nil }
        return .seconds(min(max(then - now, 0), longest))
    }
}
