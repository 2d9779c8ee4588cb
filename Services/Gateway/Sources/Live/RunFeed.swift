import Contracts
import MeshContract
import Synchronization

/// One run as its watchers see it: a ring of the latest pieces, and whose turn it is to ask for more.
///
/// Nobody follows a run but who watches it: one of the watchers asks the orchestrator for all, and
/// when it goes another does. A watcher that is too slow for the ring asks for itself.
final class RunFeed: Sendable {
    /// A watcher's turn to ask the orchestrator, which ends with `publish` or `abdicate`.
    struct Turn: Sendable {
        let feed: RunFeed
        let cursor: NewsCursor
    }

    /// What a watcher does next.
    enum Step: Sendable {
        /// Write these; then go on from the number.
        case write([NewsPiece], next: Int)
        /// It has fallen behind the ring.
        case behind
        case ask(Turn)
        /// The feed has ended, and the watcher has seen that.
        case over
        /// Nothing now: the watcher will be woken, once.
        case parked
    }

    /// Why a watcher is woken.
    enum Wake: Sendable {
        case news
        /// Nothing has happened for a while: the client wants to hear that we live.
        case beat
        case ask(Turn)
    }

    private struct State {
        var pieces: [NewsPiece] = []
        /// The number of the first piece.
        var first = 0
        var bytes = 0
        var cursor: NewsCursor?
        var isAsking = false
        var isEnded = false
        var parked: [ObjectIdentifier: @Sendable (Wake) -> Void] = [:]

        var next: Int { first + pieces.count }
    }

    private let ringBytes: Int
    private let state = Mutex(State())

    init(ringBytes: Int) { self.ringBytes = ringBytes }

    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Where a watcher comes in, and what had been told by then; nil for nothing yet.
    var place: (next: Int, after: Int64?) {
        state.withLock { ($0.next, $0.cursor?.after) }
    }

    /// Where the first watcher of all begins.
    func begin(_ cursor: NewsCursor) {
        state.withLock { if $0.cursor == nil { $0.cursor = cursor } }
    }

    /// What there is from a number on, or what else is to be done; when that is nothing, `wake` is
    /// kept, and called once.
    func step(
        from place: Int, of watcher: ObjectIdentifier,
        wake: @escaping @Sendable (Wake) -> Void
    ) -> Step {
        state.withLock { state in
            guard place >= state.first else { return .behind }
            guard place == state.next else {
                let pieces = Array(state.pieces[(place - state.first)...])
                return .write(pieces, next: state.next)
            }
            if state.isEnded { return .over }
            guard state.isAsking else {
                state.isAsking = true
                return .ask(Turn(feed: self, cursor: state.cursor ?? NewsCursor(after: 0)))
            }
            state.parked[watcher] = wake
            return .parked
        }
    }

    /// True when the watcher was parked, and will not be woken any more.
    @discardableResult
    func dismiss(_ watcher: ObjectIdentifier) -> Bool {
        state.withLock { $0.parked.removeValue(forKey: watcher) != nil }
    }

    /// What the orchestrator has answered to the one who asked; wakes all.
    func publish(_ news: Orchestrator.News) {
        let fresh = NewsPiece.all(of: news)
        let (woken, wake) = state.withLock { state -> ([@Sendable (Wake) -> Void], Wake) in
            state.isAsking = false
            let start = state.next
            var cursor = state.cursor ?? NewsCursor(after: 0)
            for piece in fresh {
                guard case .new = cursor.take(piece) else { continue }
                state.pieces.append(piece)
                state.bytes += piece.bytes.count
            }
            (state.cursor, state.isEnded) = (cursor, cursor.isEnded)
            let isNews = state.next > start
            trim(&state)
            defer { state.parked = [:] }
            return (Array(state.parked.values), isNews ? .news : .beat)
        }
        for watcher in woken { watcher(wake) }
    }

    private func trim(_ state: inout State) {
        var gone = 0
        while state.bytes > ringBytes, gone < state.pieces.count {
            state.bytes -= state.pieces[gone].bytes.count
            gone += 1
        }
        state.pieces.removeFirst(gone)
        state.first += gone
    }

    /// Who asked goes without an answer: another watcher asks.
    func abdicate() {
        let next = state.withLock { state -> (@Sendable (Wake) -> Void, NewsCursor)? in
            state.isAsking = false
            guard let watcher = state.parked.keys.first,
                let wake = state.parked.removeValue(forKey: watcher)
            else { return nil }
            state.isAsking = true
            return (wake, state.cursor ?? NewsCursor(after: 0))
        }
        if let (wake, cursor) = next { wake(.ask(Turn(feed: self, cursor: cursor))) }
    }
}
