import MeshContract
import Synchronization

/// The live streams: so many and no more, and all of them told when the server stops. Without that
/// a drain would wait for them.
final class Closing: Sendable {
    /// Each has a call in hand at the orchestrator, which takes 4,096 from everybody.
    static let mostStreams = 3_500

    private struct State {
        var isClosed = false
        var open = 0
        var next = 0
        var waiters: [Int: AsyncStream<Never>.Continuation] = [:]
    }

    private let state = Mutex(State())

    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.finish() }
    }

    /// Takes a place for a stream, which `leave` gives back.
    func enter() throws(Fault) {
        let isRoom = state.withLock { state in
            guard state.open < Self.mostStreams, !state.isClosed else { return false }
            state.open += 1
            return true
        }
        guard isRoom else {
            throw Fault(
                .overloaded, "\(Self.mostStreams) streams are open already",
                retryAfterMilliseconds: 5_000)
        }
    }

    func leave() { state.withLock { $0.open -= 1 } }

    /// Runs `body` until it ends, or is cancelled because the server stops.
    func race(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask { await self.wait() }
            try await group.next()
        }
    }

    /// Returns at the close, or when the task is cancelled.
    private func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let number = state.withLock { state -> Int? in
            guard !state.isClosed else { return nil }
            state.next += 1
            state.waiters[state.next] = continuation
            return state.next
        }
        guard let number else { return }
        for await _ in stream {}
        state.withLock { $0.waiters[number] = nil }
    }
}
