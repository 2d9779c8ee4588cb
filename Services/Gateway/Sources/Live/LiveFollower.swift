import MeshContract
import Synchronization

/// One run that a WebSocket follows, in a task of its own.
final class LiveFollower: Sendable {
    private enum Move: Sendable {
        case step(RunFeed.Step?)
        case wake(RunFeed.Wake)
        case halt
    }

    let watch: RunWatch
    private let waiting = Mutex<CheckedContinuation<Move, Never>?>(nil)

    init(_ watch: RunWatch) { self.watch = watch }

    /// From any thread; `follow` then returns soon.
    func stop() { if watch.stop() { move(.halt) } }

    /// Puts what is told of the run until it has ended or `stop` is called. Throws what `put` throws,
    /// and what the orchestrator refuses.
    func follow(_ put: RunWatch.Put) async throws {
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
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // In its place before it can be called for.
                waiting.withLock { $0 = continuation }
                let step = watch.step(
                    wake: { [self] in move(.wake($0)) }, halted: { [self] in move(.halt) })
                if case .parked? = step { return }
                move(.step(step))
            }
        } onCancel: {
            stop()
        }
    }

    private func move(_ move: Move) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: move)
    }
}
