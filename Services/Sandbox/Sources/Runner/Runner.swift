import Glibc
import Log
import MeshContract

/// Executes orders, a few at a time, each watched by a thread of its own.
struct Runner: Sendable {
    /// How a command is started.
    enum Confinement: Sendable {
        case bubblewrap(Bubblewrap)
        /// Without isolation: only for who asked for that.
        case plain(user: UInt32?)
    }

    let confinement: Confinement
    let groups: ControlGroups?
    let slots: Slots

    /// Waits for a free slot, then for the end of the command; cancelling the task ends neither.
    /// `patience` is how long the caller is there: what would begin after it does not begin.
    func run(_ order: Order, id: String, patience: Duration) async throws -> Outcome {
        let asked = ContinuousClock.now
        try await slots.acquire()
        defer { slots.release() }
        guard ContinuousClock.now - asked < patience else {
            throw Fault(.timedOut, "the command waited too long for its turn")
        }
        let result: Result<Outcome, RunnerError> = await withCheckedContinuation { continuation in
            let code = startThread {
                do throws(RunnerError) {
                    continuation.resume(returning: .success(try perform(order, id)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if code != 0 {
                let error = RunnerError.system(doing: "start a thread", errno: code)
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// On the thread of the execution.
    private func perform(_ order: Order, _ id: String) throws(RunnerError) -> Outcome {
        let leaf = try groups?.makeLeaf(id, order.limits)
        defer { leaf?.remove() }
        var limits = order.limits
        limits.limitsAddressSpace = leaf == nil
        let order = Order(
            command: order.command, input: order.input, files: order.files, limits: limits,
            key: order.key)
        switch confinement {
        case .bubblewrap(let bubblewrap):
            return try Supervision.run(order, in: bubblewrap, leaf: leaf)
        case .plain(let user):
            let folder = try PlainFolder(order.files, user: user)
            return try Supervision.run(order, in: folder, user: user, leaf: leaf)
        }
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Zero, or why there is no thread.
private func startThread(_ run: @escaping @Sendable () -> Void) -> Int32 {
    let body = Unmanaged.passRetained(ThreadBody(run))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { raw in
            if let raw { Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue().run() }
            return nil
        }, body.toOpaque())
    if code == 0 { pthread_detach(thread) } else { body.release() }
    return code
}
