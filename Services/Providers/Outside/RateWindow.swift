import Synchronization

/// How often each user may ask within a time; in memory, so that a restart forgives.
public final class RateWindow: Sendable {
    private struct Count {
        var since: Int64
        var asked: Int
    }

    private let limit: Int
    private let milliseconds: Int64
    private let mostUsers: Int
    private let counts = Mutex<[String: Count]>([:])

    /// `limit` times within `milliseconds`, for at most `mostUsers` users at a time.
    public init(_ limit: Int, within milliseconds: Int64, mostUsers: Int = 10_000) {
        (self.limit, self.milliseconds, self.mostUsers) = (limit, milliseconds, mostUsers)
    }

    /// Counts one more; answers with the milliseconds to wait where that is one too many.
    public func take(_ user: String, at now: Int64) -> Int? {
        counts.withLock { counts in
            if counts.count >= mostUsers, counts[user] == nil {
                counts = counts.filter { now - $0.value.since < milliseconds }
                // More users than are counted: whoever comes anew waits, and nobody else.
                guard counts.count < mostUsers else { return Int(milliseconds) }
            }
            var count = counts[user] ?? Count(since: now, asked: 0)
            if now - count.since >= milliseconds { count = Count(since: now, asked: 0) }
            guard count.asked < limit else {
                return Int(count.since + milliseconds - now)
            }
            count.asked += 1
            counts[user] = count
            return nil
        }
    }
}
