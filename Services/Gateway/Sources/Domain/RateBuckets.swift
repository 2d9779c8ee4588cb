import Synchronization

/// How many requests may come: as many as fit into a minute at once, and from then on as many as
/// the minute lets back in.
struct RateRule: Sendable, Equatable {
    /// As clients read it in `RateLimit-Policy`: `user`, `key` or `address`.
    let name: String
    let perMinute: Int
    /// The same as `RateLimit-Limit` and `RateLimit-Policy` say it.
    let limit: String
    let policy: String

    init(name: String, perMinute: Int) {
        (self.name, self.perMinute) = (name, perMinute)
        (limit, policy) = ("\(perMinute)", "\"\(name)\";q=\(perMinute);w=60")
    }
}

/// How a bucket stands after a request.
struct RateStanding: Sendable, Equatable {
    let rule: RateRule
    let remaining: Int
    /// Until the bucket is full again, or, for a refused request, until the next one is let in.
    let waitMicroseconds: Int64
    let isRefused: Bool
}

/// The token buckets of users, keys and addresses.
///
/// A bucket is one number: when it will be full again (the "theoretical arrival time" of the
/// generic cell rate algorithm, ITU-T I.371). A full one is not kept, so the table holds whoever
/// came lately; and who fills it on purpose cannot empty it for others.
final class RateBuckets: Sendable {
    static let minute: Int64 = 60_000_000

    struct Claim: Sendable {
        let rule: RateRule
        let key: String

        /// `key` tells the bucket among those of its rule.
        init(_ rule: RateRule, _ key: String) {
            (self.rule, self.key) = (rule, "\(rule.name) \(key)")
        }
    }

    /// A bucket as it is kept over a restart.
    struct Kept: Sendable, Equatable {
        let key: String
        /// Wall microseconds.
        let fullAt: Int64
    }

    private struct State {
        var fullAt: [String: Int64] = [:]
        var unsaved: Set<String> = []
    }

    private let most: Int
    private let state = Mutex(State())

    init(most: Int = 50_000) { self.most = most }

    /// Takes one request from every bucket, or from none. Answers with the bucket that has least.
    /// `now` in wall microseconds.
    func take(_ claims: [Claim], now: Int64) -> RateStanding? {
        state.withLock { state in
            var tightest: RateStanding?
            var after: [(String, Int64)] = []
            for claim in claims where claim.rule.perMinute > 0 {
                let (standing, full) = Self.look(claim, state.fullAt[claim.key], now)
                after.append((claim.key, full))
                if tightest.map({ Self.isTighter(standing, than: $0) }) ?? true {
                    tightest = standing
                }
            }
            guard let tightest, !tightest.isRefused else { return tightest }
            if state.fullAt.count + after.count > most { Self.shrink(&state, most, now) }
            for (key, full) in after {
                state.fullAt[key] = full
                state.unsaved.insert(key)
            }
            return tightest
        }
    }

    private static func look(
        _ claim: Claim, _ known: Int64?, _ now: Int64
    ) -> (RateStanding, fullAt: Int64) {
        let rule = claim.rule
        let step = max(minute / Int64(rule.perMinute), 1)
        // A clock that was set back must not lock anybody out.
        let full = min(max(known ?? now, now), now + minute)
        let next = full + step
        let room = minute - (next - now)
        guard room >= 0 else {
            return (
                RateStanding(rule: rule, remaining: 0, waitMicroseconds: -room, isRefused: true),
                full
            )
        }
        return (
            RateStanding(
                rule: rule, remaining: Int(room / step), waitMicroseconds: next - now,
                isRefused: false), next
        )
    }

    /// A refusal counts for more, the longer one most; else what is left of the whole.
    private static func isTighter(_ one: RateStanding, than other: RateStanding) -> Bool {
        if one.isRefused != other.isRefused { return one.isRefused }
        if one.isRefused { return one.waitMicroseconds > other.waitMicroseconds }
        return one.remaining * other.rule.perMinute < other.remaining * one.rule.perMinute
    }

    /// Lets go of what is full, and of the fuller half where that does not suffice.
    private static func shrink(_ state: inout State, _ most: Int, _ now: Int64) {
        state.fullAt = state.fullAt.filter { $0.value > now }
        if state.fullAt.count * 4 > most * 3 {
            let times = state.fullAt.values.sorted()
            let middle = times[times.count / 2]
            state.fullAt = state.fullAt.filter { $0.value > middle }
        }
        state.unsaved = state.unsaved.filter { state.fullAt[$0] != nil }
    }

    // MARK: Over a restart

    /// The buckets that changed since the last time and are `worth` microseconds or more from full:
    /// who asks now and then is not written down.
    func unsaved(worth: Int64, now: Int64) -> [Kept] {
        state.withLock { state in
            defer { state.unsaved = [] }
            return state.unsaved.compactMap { key in
                guard let full = state.fullAt[key], full - now >= worth else { return nil }
                return Kept(key: key, fullAt: full)
            }
        }
    }

    func restore(_ kept: [Kept]) {
        state.withLock { state in
            for bucket in kept.prefix(most) {
                state.fullAt[bucket.key] = max(state.fullAt[bucket.key] ?? 0, bucket.fullAt)
            }
        }
    }
}
