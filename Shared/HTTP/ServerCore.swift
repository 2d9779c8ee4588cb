import Synchronization
import TLS

/// What the listeners of one server share.
final class ServerCore: Sendable {
    typealias Handler =
        nonisolated(nonsending) @Sendable (HTTPRequest, BodyStream, ResponseWriter) async -> Void
    typealias AtOnce = @Sendable (HTTPRequest) -> ReadyAnswer?

    let limits: HTTPLimits
    let tls: TLSContext?
    let handler: Handler
    /// Answers what needs neither a body nor a wait, without a task.
    let atOnce: AtOnce?
    private let open = Atomic(0)

    init(
        limits: HTTPLimits, tls: TLSContext? = nil, atOnce: AtOnce? = nil,
        handler: @escaping Handler
    ) {
        self.limits = limits
        self.tls = tls
        self.handler = handler
        self.atOnce = atOnce
    }

    /// Connections of all loops.
    var connections: Int { open.load(ordering: .relaxed) }

    /// False, and nothing counted, when the house is full.
    func enter() -> Bool {
        let (_, now) = open.add(1, ordering: .relaxed)
        if now <= limits.maxConnections { return true }
        leave()
        return false
    }

    func leave() { open.subtract(1, ordering: .relaxed) }
}
