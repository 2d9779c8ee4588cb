import Synchronization

/// A value that comes once, awaited by one task; cancelling the task ends the wait at once.
final class Waiter<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, HTTPError>

    private enum State {
        case open
        case waiting(CheckedContinuation<Outcome, Never>)
        case resolved(Outcome)
        case taken
    }

    private let state = Mutex(State.open)

    /// Whether nothing is expected any more.
    var isResolved: Bool {
        state.withLock { state in
            switch state {
            case .open, .waiting: false
            case .resolved, .taken: true
            }
        }
    }

    /// False when it came too late.
    @discardableResult
    func resolve(_ outcome: Outcome) -> Bool {
        let (mine, continuation) = state.withLock {
            state -> (Bool, CheckedContinuation<Outcome, Never>?) in
            switch state {
            case .open:
                state = .resolved(outcome)
                return (true, nil)
            case .waiting(let continuation):
                state = .taken
                return (true, continuation)
            case .resolved, .taken: return (false, nil)
            }
        }
        continuation?.resume(returning: outcome)
        return mine
    }

    nonisolated(nonsending) func value() async throws(HTTPError) -> Value {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { install($0) }
        } onCancel: {
            resolve(.failure(.cancelled))
        }
        return try outcome.get()
    }

    private func install(_ continuation: CheckedContinuation<Outcome, Never>) {
        let early = state.withLock { state -> Outcome? in
            guard case .resolved(let outcome) = state else {
                state = .waiting(continuation)
                return nil
            }
            state = .taken
            return outcome
        }
        if let early { continuation.resume(returning: early) }
    }
}
