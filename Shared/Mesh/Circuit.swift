/// Whether one replica may be called: after failures in a row it is left alone, and a ping decides
/// when it is called again.
///
/// A failure is a call that brought no answer at all. What the callee answers, its own faults
/// included, is none. Values only: the clock is passed in.
struct Circuit: Sendable {
    struct Rules: Sendable {
        /// So many failures in a row open it; 0 for never.
        var failures = 5
        /// Failures closer together count once: a connection ends for all its calls together, and a
        /// short standstill is no illness.
        var apart: UInt64 = 100_000_000
        /// A failure after so long a silence is the first of a row.
        var window: UInt64 = 30_000_000_000
        /// How long the first rest takes, and the longest one; each is double the last.
        var rest: UInt64 = 500_000_000
        var longestRest: UInt64 = 15_000_000_000

        static let none = Rules(failures: 0)
    }

    enum State: String, Codable, Sendable {
        case closed, open, probing
    }

    let rules: Rules
    private(set) var state = State.closed
    /// Failures in a row.
    private(set) var failures = 0
    /// When it is asked again, while open.
    private(set) var probeAt = UInt64.max
    private var failedAt: UInt64 = 0
    private var rest: UInt64

    init(_ rules: Rules = Rules()) { (self.rules, rest) = (rules, rules.rest) }

    var mayCall: Bool { state == .closed }

    /// A call was answered.
    mutating func answered() {
        guard state == .closed, failures > 0 else { return }
        (failures, rest) = (0, rules.rest)
    }

    /// A call brought no answer. True when that opened it.
    mutating func failed(at now: UInt64) -> Bool {
        guard state == .closed, rules.failures > 0 else { return false }
        if failures > 0, now < failedAt &+ rules.apart { return false }
        if now > failedAt &+ rules.window { failures = 0 }
        (failures, failedAt) = (failures + 1, now)
        guard failures >= rules.failures else { return false }
        open(at: now)
        return true
    }

    private mutating func open(at now: UInt64) {
        state = .open
        // Not all callers at once.
        probeAt = now &+ UInt64(Double(rest) * Double.random(in: 0.75...1.25))
        rest = min(rest * 2, rules.longestRest)
    }

    /// True when a ping has to be sent now.
    mutating func beginProbe(at now: UInt64) -> Bool {
        guard state == .open, now >= probeAt else { return false }
        (state, probeAt) = (.probing, .max)
        return true
    }

    /// A new connection is the best of signs.
    mutating func cameUp(at now: UInt64) {
        if state == .open { probeAt = now }
    }

    /// What became of the ping. After a success the next failure opens it again, for longer; an
    /// answer puts all right.
    mutating func probed(isAlive: Bool, at now: UInt64) {
        guard state == .probing else { return }
        if isAlive {
            (state, failures, failedAt) = (.closed, rules.failures - 1, now)
        } else {
            open(at: now)
        }
    }
}
