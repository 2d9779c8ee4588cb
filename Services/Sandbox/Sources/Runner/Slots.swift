import MeshContract
import Synchronization

/// Lets a few in at once, some wait, and turns the rest away.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let queue: Int
    private let state: Mutex<State>

    init(_ count: Int, queue: Int) {
        self.queue = queue
        state = Mutex(State(free: count))
    }

    /// Returns when there is a slot, in the order of the calls; throws at once when the queue is full.
    func acquire() async throws(Fault) {
        let isAdmitted: Bool = await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                guard state.waiting.count < queue else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard isAdmitted else {
            throw Fault(
                .overloaded, "\(queue) commands wait for their turn", retryAfterMilliseconds: 1_000)
        }
    }

    func release() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }
}
