import Synchronization

/// Where, and how, a process of a case is to die.
struct Point: Hashable, Sendable, CustomStringConvertible {
    enum Action: String, CaseIterable, Sendable {
        /// The process dies; what it was about to ask for does not happen.
        case dies
        /// The process dies; what it has asked for happens all the same.
        case diesAsked = "dies, asked"
        /// The other side dies before its commit.
        case calleeDies = "callee dies"
        /// The other side dies after its commit: the reply is lost.
        case replyLost = "reply lost"
    }

    let label: String
    /// From 1: the how-manieth time that the label is reached.
    let occurrence: Int
    let action: Action

    var description: String { "\(label)#\(occurrence) \(action.rawValue)" }
}

/// The process is dead: nothing it does from now on reaches anybody.
struct Died: Error {}

/// The other side did not answer.
struct Unanswered: Error {}

/// One process of a case: told of every point it passes, it dies where it is meant to.
final class Fate: Sendable {
    /// How a process is meant to end.
    enum Plan: Sendable {
        case lives
        case at(Point)
        /// At each point with this chance out of a million.
        case chance(Int, seed: UInt64)
    }

    private struct State {
        var isDead = false
        var reached: [String: Int] = [:]
        var trace: [Point] = []
        var random: SplitMix
        var hasMet = false
    }

    private let plan: Plan
    private let state: Mutex<State>
    private let death = AsyncStream.makeStream(of: Void.self)

    init(_ plan: Plan) {
        self.plan = plan
        var seed: UInt64 = 0
        if case .chance(_, let given) = plan { seed = given }
        state = Mutex(State(random: SplitMix(seed)))
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    /// True when what was planned has happened.
    var hasMet: Bool { state.withLock { $0.hasMet } }
    /// Every point that was passed, with every way to die there.
    var trace: [Point] { state.withLock { $0.trace } }

    /// Returns when the process is dead.
    func wait() async { for await _ in death.stream { return } }

    func checkAlive() throws { if isDead { throw Died() } }

    func die() {
        state.withLock { $0.isDead = true }
        death.continuation.yield()
    }

    /// A point of the engine itself: its process dies, or goes on.
    func reach(_ label: String) {
        if meet(label, among: [.dies]) != nil { die() }
    }

    /// A point at which something is asked of another service: the answer says who dies, and how.
    func ask(_ label: String) -> Point.Action? { meet(label, among: Point.Action.allCases) }

    private func meet(_ label: String, among actions: [Point.Action]) -> Point.Action? {
        state.withLock { state in
            guard !state.isDead else { return nil }
            let occurrence = (state.reached[label] ?? 0) + 1
            state.reached[label] = occurrence
            // The clock ticks without end; its first ticks are as good as the later ones.
            if occurrence <= 4 {
                state.trace += actions.map {
                    Point(label: label, occurrence: occurrence, action: $0)
                }
            }
            switch plan {
            case .lives: return nil
            case .at(let point):
                guard point.label == label, point.occurrence == occurrence,
                    actions.contains(point.action)
                else { return nil }
                state.hasMet = true
                return point.action
            case .chance(let chance, _):
                guard Int.random(in: 0..<1_000_000, using: &state.random) < chance else {
                    return nil
                }
                state.hasMet = true
                return actions.randomElement(using: &state.random)
            }
        }
    }
}

/// Chance that can be had again: Steele, Lea and Flood's SplitMix64.
struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
