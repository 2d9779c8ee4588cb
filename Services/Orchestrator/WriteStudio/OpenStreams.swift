public import Durable
public import MeshContract
import Synchronization

/// The answers a run is waiting for, to be ended when the run is cancelled.
final class OpenStreams: Sendable {
    private let state = Mutex<Set<String>>([])

    var keys: [String] { state.withLock { $0.sorted() } }
    func insert(_ key: String) { state.withLock { _ = $0.insert(key) } }
    func remove(_ key: String) { state.withLock { _ = $0.remove(key) } }
}

extension StepOptions {
    /// For a call that only has to arrive: a service that restarts is waited for, a minute or two.
    static let patient = StepOptions(attempts: 12, backoff: .milliseconds(50))
}

/// How a fault of another service is journaled.
extension Fault: CodedFailure {
    public var failureCode: String { code.rawValue }
    public var failureMessage: String {
        detail.map { "\(message): \($0)" } ?? message
    }
    public var isPermanent: Bool { !isTransient }
}
