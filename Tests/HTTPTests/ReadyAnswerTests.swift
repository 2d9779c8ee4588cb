import HTTP
import Testing

@Suite("Answers that are there at once", .timeLimit(.minutes(1)))
struct ReadyAnswerTests {
    private static func get(_ target: String, _ method: String = "GET") -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    private static let ready: @Sendable (HTTPRequest) -> ReadyAnswer? = { request in
        guard request.path.hasPrefix("/ready") else { return nil }
        return ReadyAnswer(
            status: 200, headers: [("X-Way", "ready")], body: Array(request.target.utf8))
    }

    @Test("what has no answer at once goes to the handler, on the same connection, in order")
    func both() async throws {
        try await withServer(atOnce: Self.ready) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send(
                    Self.get("/ready") + Self.get("/other") + Self.get("/ready/2")
                        + Self.get("/ready"))
                let answers = try (0..<4).map { _ in try client.readResponse() }
                #expect(answers.map(\.status) == [200, 200, 200, 200])
                #expect(answers.map { $0.headers["x-way"] } == ["ready", nil, "ready", "ready"])
                #expect(answers[0].text == "/ready" && answers[2].text == "/ready/2")
                client.send(Self.get("/ready", "HEAD"))
                let head = try client.readResponse(toHead: true)
                #expect(head.headers["content-length"] == "6" && head.body.isEmpty)
                client.send(
                    "GET /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try client.readResponse().headers["connection"] == "close")
            }
        }
    }

    @Test("a request with a body is the handler's")
    func bodies() async throws {
        try await withServer(atOnce: Self.ready) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send("POST /ready HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
                #expect(try client.readResponse().headers["x-way"] == nil)
            }
        }
    }

    @Test("an answer that cannot be sent is a failure of ours")
    func broken() async throws {
        try await withServer(
            atOnce: { _ in ReadyAnswer(status: 200, headers: [("X", "a\r\nb")], body: []) }
        ) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                client.send(Self.get("/"))
                #expect(try client.readResponse().status == 500)
                client.send(Self.get("/"))
                #expect(try client.readResponse().status == 500)
            }
        }
    }

    @Test(
        "thousands of requests in one go are answered in order, and none lies on another's stack",
        arguments: ["/ready", "/other"])
    func flood(path: String) async throws {
        let handler: Handler = { request, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.send(status: 200, body: Array(request.target.utf8))
            }
        }
        try await withServer(atOnce: Self.ready, handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                let count = 1_500
                let text = (0..<count).map { Self.get("\(path)?\($0)") }.joined()
                client.send(Array(text.utf8))
                var wrong = 0
                for number in 0..<count where try client.readResponse().text != "\(path)?\(number)"
                {
                    wrong += 1
                }
                #expect(wrong == 0)
            }
        }
    }

    @Test("a handler whose connection ends while it begins is cancelled")
    func cancelled() async throws {
        let ended = Box<Bool>()
        let handler: Handler = { _, _, writer in
            await tolerating { () async throws(HTTPError) in try await writer.start(status: 200) }
            writer.abort()
            while !Task.isCancelled { await Task.yield() }
            ended.set(true)
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            let client = try await onThread {
                let client = try RawClient(port: port)
                client.send(Self.get("/"))
                return client
            }
            #expect(await ended.wait())
            client.close()
        }
    }
}
