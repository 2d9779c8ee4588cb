import EventLoop
import Glibc
import HTTP

/// A WebSocket server that gives every message back, for independent clients and suites; says its
/// port and serves until its input ends.
@main
enum Main {
    static func main() async {
        do {
            let server = try HTTPServer(
                loops: [EventLoop("echo")], host: "127.0.0.1", port: 0, handler: echo)
            var line = "\(server.port)\n"
            line.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
            var byte: UInt8 = 0
            while read(0, &byte, 1) > 0 {}
            await server.drain(within: .seconds(1))
            exit(0)
        } catch {
            exit(1)
        }
    }

    @Sendable static func echo(
        _ request: HTTPRequest, _ body: BodyStream, _ writer: ResponseWriter
    ) async {
        guard let handshake = try? WebSocketHandshake(request) else { return }
        var options = WebSocketOptions()
        options.maxMessage = 64 << 20
        options.protocols = ["echo"]
        guard let session = try? await writer.upgrade(handshake, options: options) else { return }
        // A peer that goes ends the echo as well as one that says so.
        while let message = try? await session.receive() { _ = try? await session.send(message) }
    }
}
