import Synchronization

/// Keeps the sweep away from contents that are being named, and namers away from a content that is
/// being removed. In memory alone, for one process owns the store: what a crash leaves is an orphan.
final class Claims: Sendable {
    private struct State {
        var claimed: [BlobHash: Int] = [:]
        var removing: Set<BlobHash> = []
        var waiting: [BlobHash: [CheckedContinuation<Void, Never>]] = [:]
    }

    private let state = Mutex(State())

    /// Runs `body` with the content safe from the sweep; waits while it is being removed.
    func holding<T>(_ hash: BlobHash, _ body: () async throws -> T) async throws -> T {
        while !claim(hash) { await gone(hash) }
        defer {
            state.withLock { state in
                let left = (state.claimed[hash] ?? 1) - 1
                state.claimed[hash] = left > 0 ? left : nil
            }
        }
        return try await body()
    }

    /// Runs `body`, which may remove the content; nil, without running it, when somebody holds it.
    func removing<T>(_ hash: BlobHash, _ body: () async throws -> T) async throws -> T? {
        let mayRemove = state.withLock { state in
            state.claimed[hash] == nil && state.removing.insert(hash).inserted
        }
        guard mayRemove else { return nil }
        defer {
            let waiting = state.withLock { state in
                state.removing.remove(hash)
                return state.waiting.removeValue(forKey: hash) ?? []
            }
            for waiter in waiting { waiter.resume() }
        }
        return try await body()
    }

    private func claim(_ hash: BlobHash) -> Bool {
        state.withLock { state in
            guard !state.removing.contains(hash) else { return false }
            state.claimed[hash, default: 0] += 1
            return true
        }
    }

    /// A removal is one transaction and one deletion: the wait is as long as those.
    private func gone(_ hash: BlobHash) async {
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                guard state.removing.contains(hash) else { return true }
                state.waiting[hash, default: []].append(continuation)
                return false
            }
            if isGone { continuation.resume() }
        }
    }
}
