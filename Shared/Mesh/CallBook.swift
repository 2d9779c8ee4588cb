import EventLoop
import MeshContract
import Synchronization

/// The calls that a service has in hand, and what became of those before. One lock, taken for a
/// moment at the beginning and at the end of each call.
final class CallBook: Sendable {
    /// How a call ended. Times are those of `monotonic`.
    struct End {
        var started: UInt64
        var ended: UInt64
        /// nil for a reply.
        var fault: Fault.Code?
        var isCancelled: Bool
        var bytesIn: Int
        var bytesOut: Int
    }

    /// A call in hand.
    private struct Entry {
        /// -1 while the place is free.
        var method = -1
        var job: UInt = 0
        var arrived: UInt64 = 0
        var call = ""
    }

    private struct Line {
        var calls = 0
        var codes: [Fault.Code: Int] = [:]
        var inHand = 0
        var refused = 0
        var cancelled = 0
        var held = 0
        var bytesIn = 0
        var bytesOut = 0
        var latency = Histogram()
        var queue = Histogram()
    }

    private struct State {
        var entries: [Entry] = []
        var free: [Int] = []
        /// One for each method, in the contract's order.
        var lines: [Line]
        var inHand = 0
        var heavyInHand = 0
        var refused = 0
        var unknown = 0
    }

    /// Codes of one method that are told apart; a handler may make up others without end.
    private static let mostCodes = 16
    private static let otherCodes = Fault.Code(rawValue: "other")

    private let cards: [MethodCard]
    private let limit: Int
    private let heavyLimit: Int
    private let state: Mutex<State>

    /// `limit` is the most calls in hand, `heavyLimit` the most of heavy methods among them.
    init(_ cards: [MethodCard], limit: Int, heavyLimit: Int) {
        (self.cards, self.limit, self.heavyLimit) = (cards, limit, heavyLimit)
        state = Mutex(State(lines: Array(repeating: Line(), count: cards.count)))
    }

    /// Takes a call in hand; nil when there is no room for it. Afterwards `close` has to be called.
    func open(_ method: Int, _ call: String, _ job: UInt, at arrived: UInt64) -> Int? {
        let isHeavy = cards[method].traits.isHeavy
        return state.withLock { state in
            guard state.inHand < limit, !isHeavy || state.heavyInHand < heavyLimit else {
                state.refused += 1
                state.lines[method].refused += 1
                return nil
            }
            state.inHand += 1
            state.lines[method].inHand += 1
            if isHeavy { state.heavyInHand += 1 }
            let entry = Entry(method: method, job: job, arrived: arrived, call: call)
            if let place = state.free.popLast() {
                state.entries[place] = entry
                return place
            }
            state.entries.append(entry)
            return state.entries.count - 1
        }
    }

    func close(_ place: Int, _ end: End) {
        state.withLock { state in
            let (method, arrived) = (state.entries[place].method, state.entries[place].arrived)
            state.entries[place].method = -1
            state.free.append(place)
            state.inHand -= 1
            if cards[method].traits.isHeavy { state.heavyInHand -= 1 }
            Self.count(end, arrived, &state.lines[method])
        }
    }

    @inline(__always)
    private static func count(_ end: End, _ arrived: UInt64, _ line: inout Line) {
        line.inHand -= 1
        line.calls += 1
        line.bytesIn += end.bytesIn
        line.bytesOut += end.bytesOut
        line.cancelled += end.isCancelled ? 1 : 0
        line.latency.note(end.ended &- min(arrived, end.ended))
        line.queue.note(end.started &- min(arrived, end.started))
        guard let code = end.fault else { return }
        let isKnown = line.codes[code] != nil || line.codes.count < mostCodes
        line.codes[isKnown ? code : otherCodes, default: 0] += 1
    }

    /// Somebody asked for a method that there is not.
    func countUnknown() { state.withLock { $0.unknown += 1 } }

    /// Whose work a job is, as long as it is in hand.
    func holder(of job: UInt) -> Watchdog.Holder? {
        state.withLock { state in
            guard let entry = state.entries.first(where: { $0.method >= 0 && $0.job == job }) else {
                return nil
            }
            return Watchdog.Holder(method: cards[entry.method].name, call: entry.call)
        }
    }

    /// A call of `method` held a loop up.
    func countHeld(_ method: String) {
        guard let number = cards.firstIndex(where: { $0.name == method }) else { return }
        state.withLock { $0.lines[number].held += 1 }
    }

    /// What has been counted, without the process's own figures.
    func stats(at now: UInt64) -> ServiceStats {
        state.withLock { state in
            var oldest: [Int: UInt64] = [:]
            for entry in state.entries where entry.method >= 0 {
                oldest[entry.method] = min(oldest[entry.method] ?? .max, entry.arrived)
            }
            var stats = ServiceStats(inHand: state.inHand, refused: state.refused)
            stats.unknown = state.unknown
            for (number, line) in state.lines.enumerated()
            where line.calls > 0 || line.inHand > 0 || line.refused > 0 {
                var method = ServiceStats.Method(cards[number].name)
                let codes = line.codes.map { ($0.key.rawValue, $0.value) }
                (method.calls, method.faults) = (line.calls, codes.reduce(0) { $0 + $1.1 })
                method.faultCodes = Dictionary(codes, uniquingKeysWith: +)
                method.meanMicroseconds = Int(line.latency.mean / 1_000)
                (method.inHand, method.refused) = (line.inHand, line.refused)
                (method.cancelled, method.held) = (line.cancelled, line.held)
                (method.bytesIn, method.bytesOut) = (line.bytesIn, line.bytesOut)
                (method.latency, method.queue) = (line.latency, line.queue)
                let since = oldest[number].map { now &- min($0, now) } ?? 0
                method.oldestMilliseconds = Int(since / 1_000_000)
                stats.methods.append(method)
            }
            stats.methods.sort { $0.method < $1.method }
            return stats
        }
    }
}
