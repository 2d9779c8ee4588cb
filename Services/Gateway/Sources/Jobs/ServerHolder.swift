import HTTP
import Synchronization

/// The server between its start and its drain, which happen in different tasks.
final class ServerHolder: Sendable {
    private let server = Mutex<HTTPServer?>(nil)

    func hold(_ server: HTTPServer) { self.server.withLock { $0 = server } }

    var port: Int? { server.withLock { $0?.port } }

    func drain(within limit: Duration) async {
        await server.withLock { $0 }?.drain(within: limit)
    }
}
