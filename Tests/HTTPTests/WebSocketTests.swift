import HTTP
import Synchronization
import Testing

@Suite("WebSockets", .timeLimit(.minutes(1)))
struct WebSocketTests {
    @Test("messages come back, with what was sent along with the handshake")
    func echo() async throws {
        try await withServer(handler: echoSocket) { server in
            let port = server.port
            try await onThread {
                let client = try SocketClient(port: port, then: SocketClient.frame(0x81, "early"))
                #expect(client.head.status == 101)
                #expect(
                    client.head.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                #expect(client.head.headers["upgrade"] == "websocket")
                #expect(client.head.headers["connection"] == "Upgrade")
                #expect(client.head.headers["sec-websocket-protocol"] == nil)
                #expect(try client.read() == .init(first: 0x81, payload: Array("early".utf8)))
                client.send(0x89, "are you there")
                #expect(
                    try client.read() == .init(first: 0x8A, payload: Array("are you there".utf8)))
                let large = [UInt8](repeating: 5, count: 300_000)
                client.send(0x82, large)
                #expect(try client.read() == .init(first: 0x82, payload: large))
                client.send(0x88, [3, 232, 98])
                #expect(try client.read() == .init(first: 0x88, payload: [3, 232]))
                #expect(try client.raw.readToEnd() == "")
            }
        }
    }

    @Test("the server's first subprotocol that is offered is agreed on")
    func subprotocols() async throws {
        try await withServer(handler: echoSocket) { server in
            let port = server.port
            try await onThread {
                let text = SocketClient.upgrade.replacing(
                    "\r\n\r\n", with: "\r\nSec-WebSocket-Protocol: x, atelier , chat\r\n\r\n")
                let client = try SocketClient(port: port, head: text)
                #expect(client.head.headers["sec-websocket-protocol"] == "chat")
            }
        }
    }

    @Test(
        "a handshake that is none is told apart",
        arguments: [
            ("Upgrade: websocket", "X: a", "notAsked"),
            ("Connection: keep-alive, ", "X: ", "notAsked"),
            ("GET ", "POST ", "notAsked"), ("Version: 13", "Version: 8", "version"),
            ("Version: 13", "Version: 13\r\nSec-WebSocket-Version: 13", "version"),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhl", "malformed"),
            ("Sec-WebSocket-Key", "X-Key", "malformed"),
        ])
    func refusals(_ old: String, _ new: String, _ flaw: String) async throws {
        let handler: Handler = { request, _, writer in
            await tolerating { () async throws(HTTPError) in
                let answer: String
                do throws(WebSocketHandshake.Flaw) {
                    _ = try WebSocketHandshake(request)
                    answer = "well"
                } catch {
                    answer = "\(error)"
                }
                try await writer.send(status: 400, body: Array(answer.utf8))
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            let text = SocketClient.upgrade.replacing(old, with: new)
            let answer = try await onThread { try RawClient(port: port).ask(text).text }
            #expect(answer.hasPrefix(flaw))
        }
    }

    /// Serves one socket with `options`; `body` has the session.
    private func serving<Value: Sendable>(
        _ change: @escaping @Sendable (inout WebSocketOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (WebSocketSession) async throws(HTTPError) -> Void,
        client: @escaping @Sendable (SocketClient) throws -> Value
    ) async throws -> (Value, WebSocketEnd?) {
        let ended = Box<WebSocketEnd?>()
        let handler: Handler = { request, _, writer in
            await tolerating { () async throws(HTTPError) in
                guard let handshake = try? WebSocketHandshake(request) else { return }
                var options = WebSocketOptions()
                change(&options)
                let session = try await writer.upgrade(handshake, options: options)
                await tolerating { () async throws(HTTPError) in try await body(session) }
                ended.set(session.end)
            }
        }
        return try await withServer(handler: handler) { server in
            let port = server.port
            let value = try await onThread { try client(try SocketClient(port: port)) }
            return (value, await ended.wait())
        }
    }

    @Sendable private static func drain(_ session: WebSocketSession) async throws(HTTPError) {
        while try await session.receive() != nil {}
    }

    @Test(
        "broken frames and long messages are answered with their code, then the end",
        arguments: [
            (SocketClient.frame(0xF1, "a"), 1002),
            (SocketClient.frame(0x81, [0xFF]), 1007),
            (SocketClient.frame(0x82, [UInt8](repeating: 1, count: 1001)), 1009),
        ])
    func flaws(_ bytes: [UInt8], _ code: Int) async throws {
        let (frame, end) = try await serving({ $0.maxMessage = 1000 }, Self.drain) {
            client throws in
            client.raw.send(bytes)
            let frame = try client.read()
            #expect(try client.raw.readToEnd() == "")
            return frame
        }
        #expect(frame.first == 0x88)
        #expect(frame.code == code)
        #expect(end?.code.rawValue == UInt16(code))
        #expect(end?.isClean == false)
    }

    @Test("our farewell waits for the peer's, and its code counts")
    func farewell() async throws {
        let (frame, end) = try await serving { session throws(HTTPError) in
            session.close(.policy, reason: "enough")
            session.close(.normal)
            let last = try await session.receive()
            #expect(last == nil)
        } client: { client throws in
            let frame = try client.read()
            client.send(0x81, "too late")
            client.send(0x88, Array(frame.payload))
            #expect(try client.raw.readToEnd() == "")
            return frame
        }
        #expect(frame.code == 1008)
        #expect(String(decoding: frame.payload.dropFirst(2), as: UTF8.self) == "enough")
        #expect(end?.code == .policy && end?.reason == "enough" && end?.isClean == true)
    }

    @Test("a farewell that is not answered ends in time")
    func unanswered() async throws {
        let (_, end) = try await serving({ $0.closeTimeout = .milliseconds(50) }) {
            session throws(HTTPError) in
            session.close()
            let last = try await session.receive()
            #expect(last == nil)
        } client: { client throws in
            #expect(try client.read().code == 1000)
            #expect(try client.raw.readToEnd() == "")
        }
        #expect(end?.isClean == false)
    }

    @Test("a handler that returns closes with 1000")
    func returned() async throws {
        let (code, _) = try await serving { _ in
        } client: { client throws in
            let code = try client.read().code
            client.send(0x88, [3, 232])
            #expect(try client.raw.readToEnd() == "")
            return code
        }
        #expect(code == 1000)
    }

    @Test("a silent peer is asked, then given up; one that answers stays")
    func silence() async throws {
        let (_, end) = try await serving(
            {
                $0.pingInterval = .milliseconds(60)
                $0.pongTimeout = .milliseconds(60)
            }, Self.drain
        ) { client throws in
            for _ in 0..<2 {
                #expect(try client.read() == .init(first: 0x89, payload: []))
                client.send(0x8A, "")
            }
            #expect(try client.read().first == 0x89)
            #expect(try client.raw.readToEnd() == "")
        }
        #expect(end?.code == .lost)
    }

    @Test("a peer that is gone ends the receiver and cancels the handler")
    func gone() async throws {
        let cancelled = Box<Bool>()
        let (_, end) = try await serving { session throws(HTTPError) in
            let last = try await session.receive()
            #expect(last == nil)
            while !Task.isCancelled { await Task.yield() }
            cancelled.set(true)
        } client: { client throws in
            client.raw.close()
        }
        #expect(end?.code == .lost)
        #expect(cancelled.now == true)
    }

    @Test("while nobody receives, the peer has to wait; what was sent comes whole")
    func backPressure() async throws {
        let go = Box<Bool>()
        let (sent, _) = try await serving { session throws(HTTPError) in
            _ = await go.wait()
            var bytes = 0
            while let message = try await session.receive() {
                if case .binary(let part) = message { bytes += part.count }
            }
            try? await session.send(.text("\(bytes)"))
            #expect(bytes > 0)
        } client: { client throws in
            let frame = SocketClient.frame(0x82, [UInt8](repeating: 1, count: 1 << 20))
            var (sent, refused) = (0, 0)
            while refused < 100, sent < 64 * frame.count {
                let offset = sent % frame.count
                let taken = client.raw.sendWhatFits(Array(frame[offset...]))
                sent += taken
                refused = taken == 0 ? refused + 1 : 0
                if taken == 0 { pause(.milliseconds(1)) }
            }
            go.set(true)
            if sent % frame.count > 0 { client.raw.send(Array(frame[(sent % frame.count)...])) }
            client.send(0x88, [3, 232])
            #expect(try client.read().first == 0x88)
            return sent
        }
        #expect(sent < 48 << 20)
    }

    @Test("a reader that takes nothing makes the sender wait")
    func slowReader() async throws {
        let sent = Mutex(0)
        _ = try await serving { session throws(HTTPError) in
            for _ in 0..<64 {
                try await session.send(.binary([UInt8](repeating: 1, count: 1 << 20)))
                sent.withLock { $0 += 1 }
            }
        } client: { client throws in
            var last = -1
            while case let now = sent.withLock({ $0 }), now != last {
                last = now
                pause(.milliseconds(50))
            }
            #expect(last < 40)
            for _ in 0..<64 { #expect(try client.read().payload.count == 1 << 20) }
            client.send(0x88, [3, 232])
        }
        #expect(sent.withLock { $0 } == 64)
    }

    @Test("cancelling a receiver loses no message")
    func cancelled() async throws {
        let (text, _) = try await serving { session throws(HTTPError) in
            let waiting = Task { try? await session.receive() }
            waiting.cancel()
            _ = await waiting.value
            try await session.send(.text("go"))
            if let message = try await session.receive() { try await session.send(message) }
        } client: { client throws in
            #expect(try client.read().text == "go")
            client.send(0x81, "hello")
            return try client.read().text
        }
        #expect(text == "hello")
    }

    @Test("a server that drains says 1001 and ends")
    func drains() async throws {
        let started = Box<Bool>()
        let handler: Handler = { request, body, writer in
            started.set(true)
            await echoSocket(request, body, writer)
        }
        try await withServer(handler: handler) { server in
            let client = try SocketClient(port: server.port)
            _ = await started.wait()
            async let drained: Void = server.drain(within: .seconds(10))
            let frame = try await onThread {
                let frame = try client.read()
                client.send(0x88, Array(frame.payload.prefix(2)))
                return frame
            }
            #expect(frame.code == 1001)
            client.raw.close()
            await drained
            #expect(server.connections == 0)
        }
    }
}
