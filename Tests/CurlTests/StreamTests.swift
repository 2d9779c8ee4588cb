import Curl
import EventLoop
import Testing

@Suite(.bothWays) struct StreamTests {
    private static let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"

    @Test("the head is there before the body, and each piece as soon as it comes")
    func pieces() async throws {
        let gate = Gate()
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write(Self.head)
            gate.wait()
            peer.chunk("one")
            gate.wait()
            peer.chunk("two")
            while peer.read() != nil {}
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let stream = try await client.stream(ClientRequest(url: server.url))
            #expect(stream.status == 200 && stream.headers["x-a"] == "b")
            gate.open()
            #expect(try await stream.next() == Array("one".utf8))
            gate.open()
            #expect(try await stream.next() == Array("two".utf8))
            stream.cancel()
            await #expect(throws: HTTPClientError.cancelled) { try await stream.next() }
        }
    }

    @Test("a stream is read to its end, which stays the end")
    func end() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write(Self.head)
            for word in ["one ", "two ", "three"] { peer.chunk(word) }
            peer.write("0\r\nX-Trailer: t\r\n\r\n")
            _ = peer.read()
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let stream = try await client.stream(ClientRequest(url: server.url))
            #expect(try await stream.rest() == Array("one two three".utf8))
            #expect(try await stream.next() == nil)
            #expect(stream.headers["x-trailer"] == nil)
        }
    }

    @Test("a slow reader holds the server back, and then loses nothing")
    func backPressure() async throws {
        let size = 24 << 20
        let stalled = Promise<Int>()
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            var bytes = [UInt8](repeating: 0, count: size)
            for index in stride(from: 0, to: size, by: 1021) { bytes[index] = mark(index) }
            let sent = peer.writeUntilStalled(bytes, milliseconds: 100)
            stalled.fulfil(sent)
            peer.write(Array(bytes[sent...]))
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let request = ClientRequest(url: server.url, maxBody: size)
            let stream = try await client.stream(request)
            #expect(await stalled.value < size / 2)
            var bytes: [UInt8] = []
            var largest = 0
            while let chunk = try await stream.next() {
                largest = max(largest, chunk.count)
                bytes += chunk
            }
            #expect(bytes.count == size && largest <= (64 << 10) + 16384)
            let wrong = stride(from: 0, to: size, by: 1021).filter { bytes[$0] != mark($0) }
            #expect(wrong.isEmpty)
        }
    }

    @Test("time in which the reader holds a stream back is not the server's silence")
    func pausedIsNotIdle() async throws {
        let size = 8 << 20
        let stalled = Promise<Int>()
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            let bytes = [UInt8](repeating: 1, count: size)
            let sent = peer.writeUntilStalled(bytes, milliseconds: 1_200)
            stalled.fulfil(sent)
            peer.write(Array(bytes[sent...]))
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let stream = try await client.stream(
                ClientRequest(url: server.url, idleTimeout: .milliseconds(500), maxBody: size))
            #expect(await stalled.value < size)
            #expect(try await stream.rest().count == size)
        }
    }

    @Test("a server that goes silent after it was held back is idle")
    func silentAfterHeld() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 200001\r\n\r\n")
            peer.write([UInt8](repeating: 1, count: 200_000))
            while peer.read() != nil {}
        }
        defer { server.stop() }
        var limits = HTTPClient.Limits()
        limits.readAhead = 1
        try await withClient(limits: limits) { client, _ in
            let stream = try await client.stream(
                ClientRequest(url: server.url, idleTimeout: .milliseconds(200)))
            var count = 0
            while count < 200_000 { count += try await stream.next()?.count ?? 200_001 }
            #expect(count == 200_000)
            await #expect(throws: HTTPClientError.idle) { try await stream.next() }
        }
    }

    @Test("what came before a break is read first, then the break is an error")
    func broken() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write(Self.head)
            peer.chunk("half")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let stream = try await client.stream(ClientRequest(url: server.url))
            #expect(try await stream.next() == Array("half".utf8))
            await #expect(throws: HTTPClientError.truncated) { try await stream.next() }
            await #expect(throws: HTTPClientError.truncated) { try await stream.next() }
        }
    }

    @Test("cancelling the reading task closes the connection at once")
    func taskCancelled() async throws {
        let reading = Promise<Void>()
        let closed = Promise<Void>()
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write(Self.head)
            reading.fulfil(())
            while peer.read() != nil {}
            closed.fulfil(())
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let url = server.url
            let task = Task {
                let stream = try await client.stream(ClientRequest(url: url))
                _ = try await stream.next()
            }
            await reading.value
            task.cancel()
            await #expect(throws: HTTPClientError.cancelled) { try await task.value }
            await closed.value
        }
    }

    @Test("many transfers, some cancelled on the way, all come to an end")
    func manyAtOnce() async throws {
        let body = String(repeating: "x", count: 200_000)
        let server = ScriptedServer { peer in
            while peer.request() != nil { peer.respond(body) }
        }
        defer { server.stop() }
        var limits = HTTPClient.Limits()
        limits.transfers = 16
        try await withClient(limits: limits) { client, _ in
            let url = server.url
            let tasks = (0..<120).map { _ in
                Task { () -> Int in
                    let stream = try await client.stream(ClientRequest(url: url))
                    return try await stream.rest().count
                }
            }
            for index in stride(from: 0, to: 120, by: 3) { tasks[index].cancel() }
            for (index, task) in tasks.enumerated() {
                switch await task.result {
                case .success(let count): #expect(count == body.utf8.count)
                case .failure(let error):
                    #expect(index % 3 == 0 && error as? HTTPClientError == .cancelled)
                }
            }
            #expect(server.connections <= 16 + 40)
        }
    }

    @Test("letting a stream go closes the connection")
    func letGo() async throws {
        let closed = Promise<Void>()
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write(Self.head)
            while peer.read() != nil {}
            closed.fulfil(())
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let status = try await client.stream(ClientRequest(url: server.url)).status
            #expect(status == 200)
            await closed.value
        }
    }
}

/// What stands at a place of a body, so that a lost or doubled piece shows.
private func mark(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index / 1021) }
