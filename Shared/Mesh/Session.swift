import EventLoop
import Synchronization

/// One connection as the server sees it: whose it is, once that is proven, and the way to end it.
final class Session: Sendable {
    private let server: MeshServer
    private let drop: @Sendable () -> Void

    /// `drop` ends the connection.
    init(_ server: MeshServer, drop: @escaping @Sendable () -> Void) {
        (self.server, self.drop) = (server, drop)
        server.connections.wrappingAdd(1, ordering: .relaxed)
    }

    deinit { server.connections.wrappingSubtract(1, ordering: .relaxed) }

    /// Answers one request's bytes with a reply's, whatever they hold. `arrived` is when they came,
    /// now if nothing is said; `cancel` is told after what time nobody waits any more.
    nonisolated(nonsending) func answer(
        _ request: [UInt8], arrived: UInt64 = monotonic(),
        cancel: @Sendable (_ after: Duration) -> Void = { _ in }
    ) async -> [UInt8] {
        await server.answer(request, arrived: arrived, cancel: cancel)
    }
}
