import Synchronization

/// One connection as the server sees it: whose it is, once that is proven, and the way to end it.
final class Session: Sendable {
    private let server: MeshServer
    private let drop: @Sendable () -> Void

    /// `drop` ends the connection.
    init(_ server: MeshServer, drop: @escaping @Sendable () -> Void) {
        (self.server, self.drop) = (server, drop)
    }

    /// Answers one request's bytes with a reply's, whatever they hold. `cancel` is told after what
    /// time nobody waits any more.
    nonisolated(nonsending) func answer(
        _ request: [UInt8], cancel: @Sendable (_ after: Duration) -> Void = { _ in }
    ) async -> [UInt8] {
        await server.answer(request, cancel: cancel)
    }
}
