import Glibc
import Synchronization

/// A thread for work on files, so that neither an event loop nor the shared pool waits for a disk;
/// bounded, and one after the other. The thread is there while there is work.
final class FileQueue: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isRunning = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Runs `work` there; throws `overloaded` at once when too much waits already.
    func run<T: Sendable>(
        _ work: @escaping @Sendable () throws(BlobError) -> T
    ) async throws(BlobError) -> T {
        let result: Result<T, BlobError> = await withCheckedContinuation { continuation in
            let refusal = submit {
                do throws(BlobError) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    private func submit(_ job: @escaping @Sendable () -> Void) -> BlobError? {
        state.withLock { state in
            guard state.jobs.count < limit else { return .overloaded }
            if !state.isRunning {
                let code = startThread { self.work() }
                guard code == 0 else { return .system(doing: "start a thread", errno: code) }
                state.isRunning = true
            }
            state.jobs.append(job)
            return nil
        }
    }

    private func work() {
        while let jobs = take() {
            for job in jobs { job() }
        }
    }

    /// nil when nothing is left: the thread ends, and the next job starts another.
    private func take() -> [@Sendable () -> Void]? {
        state.withLock { state in
            guard !state.jobs.isEmpty else {
                state.isRunning = false
                return nil
            }
            defer { state.jobs = [] }
            return state.jobs
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
