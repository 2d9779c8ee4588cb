import HTTP
import Synchronization
import Testing

@Suite("Answers", .timeLimit(.minutes(1)))
struct AnswerTests {
    /// Asks a server with this handler once, or a few times over one connection.
    private func ask(
        _ texts: String..., toHead: Bool = false, handler: @escaping Handler
    ) async throws -> [RawClient.Response] {
        try await withServer(handler: handler) { server in
            let port = server.port
            return try await onThread {
                let client = try RawClient(port: port)
                return try texts.map { text in
                    client.send(text)
                    return try client.readResponse(toHead: toHead)
                }
            }
        }
    }

    @Test("a handler that does not answer gives 500, and the connection goes on")
    func silence() async throws {
        let answers = try await ask(ConnectionTests.get, ConnectionTests.get) { _, _, _ in }
        #expect(answers.map(\.status) == [500, 500])
        #expect(answers.first?.headers["content-type"] == "application/problem+json")
        #expect(answers.first?.text.contains(#""code":"no-answer""#) == true)
    }

    @Test("an answer carries a date and no name of the server")
    func fields() async throws {
        let answer = try #require(try await ask(ConnectionTests.get, handler: plainHandler).first)
        #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
        #expect(answer.headers["server"] == nil)
        #expect(answer.headers["content-length"] == "15")
    }

    @Test("a header that would split the answer is refused, and so are those of the core")
    func injection() async throws {
        let errors = Mutex<[HTTPError]>([])
        let answers = try await ask(ConnectionTests.get) { _, _, writer in
            for (name, value) in [
                ("X", "a\r\nSet-Cookie: b"), ("X", "a\nb"), ("X\r\nY", "a"), ("X", "a\0"),
                ("", "a"), ("Transfer-Encoding", "chunked"), ("Content-Length", "3"),
                ("Connection", "upgrade"),
            ] {
                do throws(HTTPError) {
                    try await writer.send(status: 200, headers: [(name, value)])
                } catch {
                    errors.withLock { $0.append(error) }
                }
            }
        }
        #expect(answers.map(\.status) == [500])
        #expect(errors.withLock { $0.count } == 8)
        for error in errors.withLock({ $0 }) {
            guard case .invalidHeader = error else {
                Issue.record("\(error)")
                continue
            }
        }
    }

    @Test("a streamed answer is chunked, and the connection goes on")
    func streamed() async throws {
        let answers = try await ask(ConnectionTests.get, ConnectionTests.get) { _, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.start(status: 200, headers: [("Content-Type", "text/plain")])
                try await writer.write(Array("hello ".utf8))
                try await writer.write([])
                try await writer.write([UInt8](repeating: 120, count: 20_000))
                try await writer.finish()
            }
        }
        #expect(answers.map(\.body.count) == [20_006, 20_006])
        #expect(answers.first?.headers["transfer-encoding"] == "chunked")
    }

    @Test("a streamed answer to HTTP/1.0 ends with the connection")
    func streamedOld() async throws {
        let answers = try await ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") {
            _, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.start(status: 200)
                try await writer.write(Array("hello".utf8))
                try await writer.finish()
            }
        }
        #expect(answers.first?.text == "hello")
        #expect(answers.first?.headers["connection"] == "close")
        #expect(answers.first?.headers["transfer-encoding"] == nil)
    }

    @Test("a declared length is kept to")
    func declared() async throws {
        let errors = Mutex<[HTTPError]>([])
        let answers = try await ask(ConnectionTests.get) { _, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.start(status: 200, headers: [("Content-Length", "5")])
                try await writer.write(Array("hel".utf8))
            }
            do throws(HTTPError) {
                try await writer.finish()
            } catch {
                errors.withLock { $0.append(error) }
            }
            do throws(HTTPError) {
                try await writer.write(Array("lo!".utf8))
            } catch {
                errors.withLock { $0.append(error) }
            }
            await tolerating { () async throws(HTTPError) in
                try await writer.write(Array("lo".utf8))
                try await writer.finish()
            }
        }
        #expect(answers.first?.text == "hello")
        let misuse = [
            HTTPError.misuse("less than Content-Length"), .misuse("more than Content-Length"),
        ]
        #expect(errors.withLock { $0 } == misuse)
    }

    @Test("HEAD, 204 and 304 carry no body", arguments: ["HEAD 200", "GET 204", "GET 304"])
    func bodiless(_ sample: String) async throws {
        let parts = sample.split(separator: " ")
        let status = Int(parts[1]) ?? 0
        let text = "\(parts[0]) /a HTTP/1.1\r\nHost: a\r\n\r\n"
        let handler: Handler = { request, _, writer in
            await tolerating { () async throws(HTTPError) in
                if request.path == "/a" {
                    return try await writer.send(status: status, body: Array("hello".utf8))
                }
                try await writer.start(status: status)
                try await writer.write(Array("hello".utf8))
                try await writer.finish()
            }
        }
        let stream = text.replacing("/a", with: "/b")
        let answers = try await ask(text, stream, text, toHead: true, handler: handler)
        #expect(answers.map(\.status) == [status, status, status])
        #expect(answers[0].headers["content-length"] == (parts[0] == "HEAD" ? "5" : nil))
    }

    @Test("an answer that is not finished is cut off")
    func cut() async throws {
        let handler: Handler = { _, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.start(status: 200)
                try await writer.write(Array("hello".utf8))
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send(ConnectionTests.get)
                #expect(try client.readHead().status == 200)
                #expect(try client.readChunk() == Array("hello".utf8))
                #expect(try client.readToEnd() == "")
            }
        }
    }

    @Test("a writer kept after its request cannot write into the next answer")
    func stale() async throws {
        let kept = Box<ResponseWriter>()
        let late = Box<HTTPError>()
        let handler: Handler = { request, _, writer in
            if request.path == "/first" { kept.set(writer) }
            if request.path == "/second", let old = kept.now {
                #expect(old.isClosed)
                do throws(HTTPError) {
                    try await old.write(Array("stale".utf8))
                } catch {
                    late.set(error)
                }
            }
            await tolerating { () async throws(HTTPError) in
                try await writer.send(status: 200, body: Array(request.path.utf8))
            }
        }
        let answers = try await ask(
            "GET /first HTTP/1.1\r\nHost: a\r\n\r\n", "GET /second HTTP/1.1\r\nHost: a\r\n\r\n",
            handler: handler)
        #expect(answers.map(\.text) == ["/first", "/second"])
        #expect(late.now == .closed)
    }

    @Test("answers may come from other threads and actors")
    func elsewhere() async throws {
        let answers = try await ask(ConnectionTests.get, ConnectionTests.get) { _, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await Elsewhere().answer(writer)
            }
        }
        #expect(answers.map(\.text) == ["one two", "one two"])
    }

    private actor Elsewhere {
        func answer(_ writer: ResponseWriter) async throws(HTTPError) {
            try await writer.start(status: 200)
            try await writer.write(Array("one ".utf8))
            try await Self.onMain(writer)
            try await writer.finish()
        }

        @MainActor static func onMain(_ writer: ResponseWriter) async throws(HTTPError) {
            try await writer.write(Array("two".utf8))
        }
    }
}
