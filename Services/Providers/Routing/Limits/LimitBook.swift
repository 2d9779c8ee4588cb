/// Who may send how much at once and in a minute: for each key of an endpoint, and for each target.
public struct LimitBook: Sendable {
    /// What a request may do now.
    public enum Room: Sendable, Equatable {
        case now
        /// Not before this moment.
        case at(UInt64)
        /// Once another request has ended.
        case full
    }

    /// A place that was taken; to be given back once.
    public struct Grant: Sendable, Equatable {
        public let target: Target
        public let tokens: Int
    }

    private struct Lanes: Sendable {
        var limits: LaneLimits
        var requests: TokenBucket?
        var tokens: TokenBucket?
        var open = 0
    }

    private var lanes: [Lane: Lanes] = [:]
    private let most: [Target: Int]
    private var open: [Target: Int] = [:]

    /// Lanes and targets that are not named have no limit.
    public init(
        _ limits: [Lane: LaneLimits], targets: [Target: Int] = [:], now: UInt64
    ) {
        for (lane, limits) in limits {
            lanes[lane] = Lanes(
                limits: limits,
                requests: limits.requestsPerMinute.map { TokenBucket(perMinute: $0, now: now) },
                tokens: limits.tokensPerMinute.map { TokenBucket(perMinute: $0, now: now) })
        }
        most = targets
    }

    /// Whether a request for so many tokens has room.
    public func room(for target: Target, tokens: Int, now: UInt64) -> Room {
        if let most = most[target], open[target, default: 0] >= most { return .full }
        guard let lane = lanes[target.lane] else { return .now }
        if let most = lane.limits.concurrency, lane.open >= most { return .full }
        let times = [
            lane.requests?.time(for: 1, now: now), lane.tokens?.time(for: tokens, now: now),
        ]
        return times.compactMap { $0 }.max().map { .at($0) } ?? .now
    }

    /// Takes a place where there is one. `tokens` is an estimate, put right by `settle`.
    public mutating func take(_ target: Target, tokens: Int, now: UInt64) -> Grant? {
        guard room(for: target, tokens: tokens, now: now) == .now else { return nil }
        if most[target] != nil { open[target, default: 0] += 1 }
        lanes[target.lane]?.requests?.take(1, now: now)
        lanes[target.lane]?.tokens?.take(tokens, now: now)
        lanes[target.lane]?.open += 1
        return Grant(target: target, tokens: tokens)
    }

    /// Gives a place back and puts the tokens right: nil where nothing is known to have been used.
    public mutating func settle(_ grant: Grant, used: Int?, now: UInt64) {
        let target = grant.target
        if let count = open[target] { open[target] = count > 1 ? count - 1 : nil }
        guard lanes[target.lane] != nil else { return }
        lanes[target.lane]?.open -= 1
        if let used { lanes[target.lane]?.tokens?.take(used - grant.tokens, now: now) }
    }

    /// Requests under way over a key that has limits.
    public func open(_ lane: Lane) -> Int { lanes[lane]?.open ?? 0 }
}
