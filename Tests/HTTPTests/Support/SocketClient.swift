@testable import HTTP

/// A WebSocket client that sends exactly the frames it is told to.
struct SocketClient {
    struct Frame: Equatable {
        var first: UInt8
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        /// The number of a farewell.
        var code: Int { payload.count < 2 ? 0 : Int(payload[0]) << 8 | Int(payload[1]) }
    }

    static let upgrade = """
        GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n
        """

    let raw: RawClient
    let head: RawClient.Response

    init(port: Int, head text: String = upgrade, then bytes: [UInt8] = []) throws {
        raw = try RawClient(port: port)
        raw.send(Array(text.utf8) + bytes)
        head = try raw.readHead()
    }

    /// A masked frame.
    static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var bytes = WebSocketFrame.whole(.text, payload, mask: 0x37fa_213d)
        bytes[0] = first
        return bytes
    }

    static func frame(_ first: UInt8, _ text: String) -> [UInt8] { frame(first, Array(text.utf8)) }

    func send(_ first: UInt8, _ text: String) { raw.send(Self.frame(first, text)) }

    func send(_ first: UInt8, _ bytes: [UInt8]) { raw.send(Self.frame(first, bytes)) }

    /// The next frame; a server's are not masked.
    func read() throws -> Frame {
        let head = try raw.read(2)
        var length = Int(head[1])
        if length == 126 || length == 127 {
            length = try raw.read(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        return Frame(first: head[0], payload: try raw.read(length))
    }
}

/// Gives every message back.
let echoSocket: Handler = { request, _, writer in
    await tolerating { () async throws(HTTPError) in
        guard let handshake = try? WebSocketHandshake(request) else {
            return try await writer.send(status: 426)
        }
        var options = WebSocketOptions()
        options.protocols = ["chat", "atelier"]
        options.maxMessage = 1 << 20
        let session = try await writer.upgrade(handshake, options: options)
        while let message = try await session.receive() { try await session.send(message) }
    }
}
