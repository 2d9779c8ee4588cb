import Dispatch
import MeshContract
import Synchronization

/// Threads for work that blocks or takes long (files, scrypt, compression), so that no event loop
/// and no cooperative thread waits for it.
public final class BlockingPool: Sendable {
    private let queues: [DispatchQueue]
    private let queueLimit: Int
    private let load: Mutex<[Int]>

    /// `queueLimit` is the most pieces of work in hand, waiting ones included.
    public init(_ label: String, threads: Int, queueLimit: Int) {
        queues = (0..<max(threads, 1)).map { DispatchQueue(label: "\(label)-\($0)") }
        self.queueLimit = queueLimit
        load = Mutex(Array(repeating: 0, count: max(threads, 1)))
    }

    /// Runs `body` on the thread with the least to do; `overloaded` past the limit.
    public func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        let index = load.withLock { load -> Int? in
            guard load.reduce(0, +) < queueLimit else { return nil }
            let index = load.indices.min { load[$0] < load[$1] } ?? 0
            load[index] += 1
            return index
        }
        guard let index else { throw Fault(.overloaded, "too much work of this kind at once") }
        return try await withCheckedThrowingContinuation { continuation in
            queues[index].async { [self] in
                let result = Result { try body() }
                load.withLock { $0[index] -= 1 }
                continuation.resume(with: result)
            }
        }
    }
}
