import HTTP
import Testing

@Suite("Request bodies", .timeLimit(.minutes(1)))
struct BodyTests {
    /// Counts the body piece by piece.
    private static let counting: Handler = { _, body, writer in
        await tolerating { () async throws(HTTPError) in
            var count = 0
            while let piece = try await body.next() { count += piece.count }
            try await writer.send(status: 200, body: Array("\(count)".utf8))
        }
    }

    private static func post(_ length: Int, _ more: String = "") -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\(more)\r\n"
    }

    @Test("large uploads arrive whole, declared and chunked")
    func large() async throws {
        try await withServer(handler: Self.counting) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send(Self.post(8 << 20))
                #expect(client.send([UInt8](repeating: 1, count: 8 << 20)))
                #expect(try client.readResponse().text == "\(8 << 20)")
                client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk =
                    Array("186a0\r\n".utf8) + [UInt8](repeating: 1, count: 100_000) + [13, 10]
                for _ in 0..<20 { client.send(chunk) }
                client.send("0\r\n\r\n")
                #expect(try client.readResponse().text == "2000000")
            }
        }
    }

    @Test("while nobody asks for the body, the peer has to wait")
    func backPressure() async throws {
        let go = Box<Bool>()
        let handler: Handler = { request, body, writer in
            _ = await go.wait()
            await Self.counting(request, body, writer)
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let size = 64 << 20
                let client = try RawClient(port: port)
                client.send(Self.post(size))
                let block = [UInt8](repeating: 1, count: 1 << 20)
                var sent = 0
                // Loopback moves at once, so what is refused a hundred times is refused.
                var refused = 0
                while refused < 100, sent < size {
                    let taken = client.sendWhatFits(Array(block.prefix(size - sent)))
                    sent += taken
                    if taken == 0 {
                        refused += 1
                        pause(.milliseconds(1))
                    }
                }
                #expect(sent < 32 << 20, "the rest waits at the peer")
                go.set(true)
                while sent < size {
                    let piece = Array(block.prefix(size - sent))
                    guard client.send(piece) else { break }
                    sent += piece.count
                }
                #expect(try client.readResponse().text == "\(size)")
            }
        }
    }

    @Test("100 Continue is sent when the handler asks for the body, and not before")
    func expectation() async throws {
        let handler: Handler = { request, body, writer in
            await tolerating { () async throws(HTTPError) in
                guard request.path == "/echo" else { return try await writer.send(status: 403) }
                let bytes = try await body.collect(upTo: 100)
                try await writer.send(status: 200, body: bytes)
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send(Self.post(5, "Expect: 100-continue\r\n"))
                #expect(try client.readResponse().status == 100)
                #expect(try client.ask("hello").text == "hello")
                // Without being asked to, a peer that has the body at hand need not wait.
                let answer = try client.ask(Self.post(5, "Expect: 100-continue\r\n") + "again")
                #expect(answer.status == 200)
                let refused = try client.ask(
                    Self.post(5, "Expect: 100-continue\r\n").replacing("/echo", with: "/no"))
                #expect(refused.status == 403)
                #expect(refused.headers["connection"] == "close")
            }
        }
    }

    @Test("a small body nobody read is skipped, a large one closes the connection")
    func unread() async throws {
        let handler: Handler = { _, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.send(status: 200)
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send(Self.post(1000))
                #expect(try client.readResponse().headers["connection"] == nil)
                client.send([UInt8](repeating: 1, count: 1000))
                #expect(try client.ask(ConnectionTests.get).status == 200)
                client.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "5\r\nhello\r\n0\r\n\r\n")
                #expect(try client.readResponse().status == 200)
                #expect(try client.ask(ConnectionTests.get).status == 200)
                client.send(Self.post(10_000_000))
                let answer = try client.readResponse()
                #expect(answer.headers["connection"] == "close")
                #expect(try client.readToEnd() == "")
            }
        }
    }

    @Test("a limit of the handler gives 413, also without its doing")
    func collectLimit() async throws {
        let handler: Handler = { _, body, writer in
            await tolerating { () async throws(HTTPError) in
                _ = try await body.collect(upTo: 10)
                try await writer.send(status: 200)
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                #expect(try client.ask(Self.post(10) + "0123456789").status == 200)
                let refused = try client.ask(Self.post(11) + "0123456789a")
                #expect(refused.status == 413)
                #expect(refused.text.contains("body-too-large"))
                #expect(try client.readToEnd() == "")
                let other = try RawClient(port: port)
                let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                #expect(try other.ask("\(chunked)b\r\n0123456789a\r\n0\r\n\r\n").status == 413)
            }
        }
    }

    @Test("a body may be read while the answer is being written")
    func duplex() async throws {
        let handler: Handler = { _, body, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.start(status: 200)
                while let piece = try await body.next() { try await writer.write(piece) }
                try await writer.finish()
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send(Self.post(9))
                #expect(try client.readHead().status == 200)
                for part in ["one", "two", "six"] {
                    client.send(part)
                    #expect(try client.readChunk() == Array(part.utf8))
                }
                #expect(try client.readChunk() == [])
                #expect(try client.ask(Self.post(0)).body == [])
            }
        }
    }
}
