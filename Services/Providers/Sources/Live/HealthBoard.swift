import Dialects
import EventLoop
import Routing

/// How each target has fared since the service began, and its latencies of the last minutes.
struct HealthBoard: Sendable {
    /// How one request went.
    struct Run: Sendable {
        var failure: FailureKind?
        var used: TokenUsage
        var duration: UInt64
        /// Nil when none came.
        var firstToken: UInt64?
    }

    struct Entry: Sendable {
        let target: Target
        var requests = 0
        var inFlight = 0
        var errors: [FailureKind: Int] = [:]
        var failuresInARow = 0
        var lastErrorAt: Int64?
        /// Of requests that were answered.
        var duration = Histogram()
        var failed: [FailureKind: Histogram] = [:]
        var firstToken = Histogram()
        var inputTokens = Histogram()
        var outputTokens = Histogram()
        /// First tokens of this span of time and of the one before.
        fileprivate var lately = Histogram()
        fileprivate var before = Histogram()
        fileprivate var since: UInt64 = 0

        /// Failures that say something of the target, of all requests that ended.
        var isFailing: Bool { failuresInARow >= 3 }
    }

    /// Clients name models; past so many, the rest of a provider's are counted together.
    static let mostTargets = 256
    static let span: UInt64 = 300_000_000_000
    /// Counts of tokens go into a histogram of times, whose finest step is 64.
    static let tokenScale = 64

    private var table: [Target: Entry] = [:]

    var entries: [Entry] {
        table.values.sorted { $0.target.description < $1.target.description }
    }

    mutating func began(_ target: Target) {
        let target = place(of: target)
        table[target, default: Entry(target: target)].requests += 1
        table[target]?.inFlight += 1
    }

    mutating func ended(_ target: Target, _ run: Run, now: UInt64, wall: Int64) {
        let target = place(of: target)
        guard var entry = table[target] else { return }
        entry.inFlight -= 1
        switch run.failure {
        case nil: entry.failuresInARow = 0
        case .cancelled, .badRequest: break
        default:
            entry.failuresInARow += 1
            entry.lastErrorAt = wall
        }
        if let failure = run.failure {
            entry.errors[failure, default: 0] += 1
            entry.failed[failure, default: Histogram()].note(run.duration)
        } else {
            entry.duration.note(run.duration)
        }
        if run.used.input > 0 { entry.inputTokens.note(Self.scaled(run.used.input)) }
        if run.used.output > 0 { entry.outputTokens.note(Self.scaled(run.used.output)) }
        if let first = run.firstToken {
            entry.firstToken.note(first)
            if now - min(entry.since, now) > Self.span {
                (entry.before, entry.lately) = (entry.lately, Histogram())
                entry.since = now
            }
            entry.lately.note(first)
        }
        table[target] = entry
    }

    func firstToken(_ target: Target, percentile: Int) -> (time: Duration, count: Int)? {
        guard let entry = table[place(of: target)] else { return nil }
        let times = entry.lately.count >= HedgeRule.least ? entry.lately : entry.before
        guard let time = times.quantile(Double(percentile) / 100) else { return nil }
        return (.nanoseconds(Int64(clamping: time)), times.count)
    }

    private func place(of target: Target) -> Target {
        guard table[target] == nil, table.count >= Self.mostTargets else { return target }
        return Target(target.provider, "other", key: target.key)
    }

    private static func scaled(_ tokens: Int) -> UInt64 {
        UInt64(clamping: min(tokens, 1 << 40)) * UInt64(tokenScale)
    }
}
