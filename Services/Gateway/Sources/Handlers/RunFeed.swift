import Contracts
import MeshContract
import Synchronization

/// One run as its watchers see it: a ring of the latest pieces, and whose turn it is to ask for more.
///
/// Nobody follows a run but who watches it: one of the watchers asks the orchestrator for all, and
/// when it goes another does. A watcher that is too slow for the ring asks for itself.
final class RunFeed: Sendable {
    /// What a watcher does next.
    enum Step: Sendable {
        /// Write these; then go on from the number.
        case write([NewsPiece], next: Int)
        /// It has fallen behind the ring.
        case behind
        /// Nothing has happened for a while: the client wants to hear that we live.
        case beat
        /// Ask the orchestrator, then call `publish` or `abdicate`.
        case ask(NewsCursor)
        /// The feed has ended, and the watcher has seen that.
        case over
        case cancelled
    }

    private struct State {
        var pieces: [NewsPiece] = []
        /// The number of the first piece.
        var first = 0
        var bytes = 0
        var cursor: NewsCursor?
        var isAsking = false
        var isEnded = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Step, Never>] = [:]
        /// Cancelled before they waited.
        var cancelled: Set<Int> = []

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

    /// What there is from a number on, or what else is to be done; waits while that is nothing.
    func step(from place: Int) async -> Step {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let step = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let now = enlist(number, place, continuation) {
                    continuation.resume(returning: now)
                }
            }
        } onCancel: {
            cancel(number)
        }
        state.withLock { _ = $0.cancelled.remove(number) }
        return step
    }

    private func enlist(
        _ number: Int, _ place: Int, _ continuation: CheckedContinuation<Step, Never>
    ) -> Step? {
        state.withLock { state in
            if state.cancelled.remove(number) != nil { return .cancelled }
            guard place >= state.first else { return .behind }
            guard place == state.next else {
                let pieces = Array(state.pieces[(place - state.first)...])
                return .write(pieces, next: state.next)
            }
            if state.isEnded { return .over }
            guard state.isAsking else {
                state.isAsking = true
                return .ask(state.cursor ?? NewsCursor(after: 0))
            }
            state.waiters[number] = continuation
            return nil
        }
    }

    private func cancel(_ number: Int) {
        let waiting = state.withLock { state -> CheckedContinuation<Step, Never>? in
            if let waiting = state.waiters.removeValue(forKey: number) { return waiting }
            // Either it has been told already, or it is about to wait.
            state.cancelled.insert(number)
            return nil
        }
        waiting?.resume(returning: .cancelled)
    }

    /// What the orchestrator has answered to the one who asked; wakes all.
    func publish(_ news: Orchestrator.News) {
        let fresh = NewsPiece.all(of: news)
        let (woken, pieces, next) = state.withLock { state in
            state.isAsking = false
            let start = state.next
            var cursor = state.cursor ?? NewsCursor(after: 0)
            for piece in fresh {
                guard case .new = cursor.take(piece) else { continue }
                state.pieces.append(piece)
                state.bytes += piece.bytes.count
            }
            (state.cursor, state.isEnded) = (cursor, cursor.isEnded)
            let told = Array(state.pieces[(start - state.first)...])
            trim(&state)
            defer { state.waiters = [:] }
            return (Array(state.waiters.values), told, state.next)
        }
        for waiter in woken {
            waiter.resume(returning: pieces.isEmpty ? .beat : .write(pieces, next: next))
        }
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
        let next = state.withLock { state -> (CheckedContinuation<Step, Never>, NewsCursor)? in
            state.isAsking = false
            guard let number = state.waiters.keys.first,
                let waiting = state.waiters.removeValue(forKey: number)
            else { return nil }
            state.isAsking = true
            return (waiting, state.cursor ?? NewsCursor(after: 0))
        }
        if let (waiting, cursor) = next { waiting.resume(returning: .ask(cursor)) }
    }
}
