import EventLoop
import HTTP
import Testing

@Suite("Draining", .timeLimit(.minutes(1)))
struct DrainTests {
    private static func server(_ loop: EventLoop, _ handler: @escaping Handler) throws -> HTTPServer
    {
        try HTTPServer(loops: [loop], host: "127.0.0.1", port: 0, handler: handler)
    }

    @Test("the request in hand is answered, idle connections close, nobody new comes in")
    func inHand() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let started = Box<Bool>()
        let go = Box<Bool>()
        let server = try Self.server(loop) { request, _, writer in
            if request.path == "/slow" {
                started.set(true)
                _ = await go.wait()
            }
            await tolerating { () async throws(HTTPError) in
                try await writer.send(status: 200, body: Array("done".utf8))
            }
        }
        let port = server.port
        let idle = try RawClient(port: port)
        let busy = try RawClient(port: port)
        #expect(try await onThread { try idle.ask(ConnectionTests.get).status } == 200)
        busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = await started.wait()
        async let drained: Void = server.drain(within: .seconds(5))
        #expect(try await onThread { try idle.readToEnd() } == "")
        #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
        go.set(true)
        let answer = try await onThread { try busy.readResponse() }
        #expect(answer.text == "done")
        #expect(answer.headers["connection"] == "close")
        busy.close()
        await drained
        #expect(server.connections == 0)
        await server.drain(within: .seconds(5))
    }

    @Test("what does not end is cut off at the deadline, and its handler cancelled")
    func deadline() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let started = Box<Bool>()
        let cancelled = Box<Bool>()
        let server = try Self.server(loop) { _, _, writer in
            await tolerating { () async throws(HTTPError) in try await writer.start(status: 200) }
            started.set(true)
            _ = try? await Task.sleep(for: .seconds(30))
            cancelled.set(Task.isCancelled)
        }
        let client = try RawClient(port: server.port)
        client.send(ConnectionTests.get)
        _ = await started.wait()
        let began = ContinuousClock.now
        await server.drain(within: .milliseconds(100))
        #expect(began.duration(to: .now) < .seconds(20))
        #expect(await cancelled.wait())
        #expect(server.connections == 0)
    }

    @Test("who waits for the peer when the loop ends is told, and who comes later as well")
    func loopEnds() async throws {
        let loop = EventLoop()
        let waiting = Box<ResponseWriter>()
        let read = Box<HTTPError>()
        let server = try HTTPServer(loops: [loop], host: "127.0.0.1", port: 0) {
            _, body, writer in
            waiting.set(writer)
            do throws(HTTPError) {
                _ = try await body.next()
            } catch {
                read.set(error)
            }
        }
        let client = try await onThread { [port = server.port] in
            let client = try RawClient(port: port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
            return client
        }
        let writer = await waiting.wait()
        loop.stop()
        #expect(await read.wait() == .closed)
        await #expect(throws: HTTPError.closed) { try await writer.write([1]) }
        withExtendedLifetime(client) {}
    }
}
