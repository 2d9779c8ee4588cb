import MeshContract
import Synchronization

/// One run that a WebSocket follows, in a task of its own.
final class LiveFollower: Sendable {
    private enum Move: Sendable {
        case step(RunFeed.Step?)
        case wake(RunFeed.Wake)
        case halt
    }

    private struct State {
        var waiting: CheckedContinuation<Move, Never>?
        var task: Task<Void, any Error>?
    }

    let watch: RunWatch
    private let state = Mutex(State())

    init(_ watch: RunWatch) { self.watch = watch }

    /// From any thread: `follow` ends, whatever it waits for.
    func stop() {
        if watch.stop() { move(.halt) }
        state.withLock { $0.task }?.cancel()
    }

    /// Puts what is told of the run until it has ended or `stop` is called. Throws what `put` throws,
    /// and what the orchestrator refuses.
    func follow(_ put: @escaping @Sendable (_ blocks: [UInt8]) async throws -> Void) async throws {
        let task = Task { [self] in try await work(put) }
        state.withLock { $0.task = task }
        defer { state.withLock { $0.task = nil } }
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            stop()
        }
    }

    private func work(_ put: RunWatch.Put) async throws {
        defer { watch.leave() }
        while !watch.isEnded && !watch.isStopping {
            try Task.checkCancellation()
            if !watch.isEntered { try await watch.enter(put) }
            switch await next() {
            case .step(let step?): try await watch.act(step, isGone: { false }, put)
            case .wake(.ask(let turn)): try await watch.ask(turn, isGone: { false }, put)
            case .wake(.news), .wake(.beat): continue
            case .step(nil), .halt: return
            }
        }
    }

    /// What can be done now, or what comes after a while.
    private func next() async -> Move {
        await withCheckedContinuation { continuation in
            // In its place before it can be called for.
            state.withLock { $0.waiting = continuation }
            let step = watch.step(
                wake: { [self] in move(.wake($0)) }, halted: { [self] in move(.halt) })
            if case .parked? = step { return }
            move(.step(step))
        }
    }

    private func move(_ move: Move) {
        let continuation = state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
        continuation?.resume(returning: move)
    }
}
