import Synchronization

/// The answers a run is waiting for, to be ended when the run is cancelled.
final class OpenStreams: Sendable {
    private let state = Mutex<Set<String>>([])

    var keys: [String] { state.withLock { $0.sorted() } }
    func insert(_ key: String) { state.withLock { _ = $0.insert(key) } }
    func remove(_ key: String) { state.withLock { _ = $0.remove(key) } }
}
