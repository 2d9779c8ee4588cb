import EventLoop
import SP

/// One replica as its caller sees it.
struct Replica: Sendable {
    let id: Int
    let channel: any Channel
    /// Where the channel leads; nil within the process.
    let address: SPAddress?
    /// Tells it apart from the others of its service.
    let place: String
    var circuit: Circuit
    var outstanding = 0
    /// Asked for no more: its calls are awaited, then the channel is closed.
    var isGoing = false
    /// Too busy until then; not asked while others are not.
    var restsUntil: UInt64 = 0
    private(set) var mean: UInt64 = 0
    private(set) var counts = Counts()

    struct Counts: Sendable {
        var (answered, lost, timedOut, overloaded) = (0, 0, 0, 0)
    }

    /// What one try says of the replica.
    enum Outcome {
        case answered(after: UInt64, isLongPoll: Bool)
        case overloaded(restMilliseconds: Int)
        case leaving
        case lost
        case timedOut
        /// Nothing: the caller gave up, or the request never left.
        case nothing
    }

    /// How long a replica that is too busy is spared when it does not say.
    private static let rest = 100
    /// How long one that refuses because it ends is spared, where the connection does not say so.
    private static let leavingRest: UInt64 = 500_000_000

    /// Takes note; true when its circuit has opened.
    mutating func note(_ outcome: Outcome, at now: UInt64) -> Bool {
        switch outcome {
        case .answered(let time, let isLongPoll):
            counts.answered += 1
            if !isLongPoll { mean = mean == 0 ? time : mean - mean / 8 + time / 8 }
            circuit.answered()
        case .overloaded(let milliseconds):
            counts.overloaded += 1
            restsUntil = now &+ UInt64(min(max(milliseconds, Self.rest), 10_000)) * 1_000_000
        case .leaving: restsUntil = now &+ Self.leavingRest
        case .lost:
            counts.lost += 1
            return circuit.failed(at: now)
        case .timedOut:
            counts.timedOut += 1
            return circuit.failed(at: now)
        case .nothing: break
        }
        return false
    }
}
