import EventLoop
import HTTP
import Synchronization

/// The other side of a webhook: notes what comes, and answers what it is told to.
final class WebhookReceiver: Sendable {
    struct Message: Sendable {
        let headers: HTTPHeaders
        let body: [UInt8]
    }

    private struct State {
        var messages: [Message] = []
        var statuses: [Int] = []
    }

    private final class Book: Sendable {
        let state = Mutex(State())
    }

    private let book = Book()
    private let server: HTTPServer

    init(on loop: EventLoop) throws {
        server = try HTTPServer(loops: [loop], host: "127.0.0.1", port: 0) {
            [book] request, body, writer in
            do {
                let bytes = try await body.collect(upTo: 1 << 20)
                let status = book.state.withLock { state in
                    state.messages.append(Message(headers: request.headers, body: bytes))
                    return state.statuses.isEmpty ? 204 : state.statuses.removeFirst()
                }
                try await writer.send(
                    status: status, headers: status == 302 ? [("Location", "/elsewhere")] : [],
                    body: [])
            } catch {
                return  // the sender does not wait for the answer's end
            }
        }
    }

    var url: String { "http://127.0.0.1:\(server.port)/hook?token=1" }
    var messages: [Message] { book.state.withLock { $0.messages } }

    /// The next answers; then 204 for ever.
    func answer(_ statuses: [Int]) { book.state.withLock { $0.statuses = statuses } }
}
