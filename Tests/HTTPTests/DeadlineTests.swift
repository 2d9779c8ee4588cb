import HTTP
import Testing

@Suite("Deadlines", .timeLimit(.minutes(1)))
struct DeadlineTests {
    private static let patience = 300

    /// Sends `first`, then a byte now and then until the server answers; tells how many that were.
    private static func trickle(
        _ first: String, _ byte: String, port: Int
    ) throws -> (answer: String, bytes: Int) {
        let client = try RawClient(port: port)
        client.send(first)
        var sent = 0
        while sent < patience, !client.hasNews, client.sendWhatFits(Array(byte.utf8)) > 0 {
            sent += 1
            pause(.milliseconds(10))
        }
        return (try client.readToEnd(), sent)
    }

    @Test("a slow head gets 408, however steadily it comes")
    func slowHead() async throws {
        try await withServer(limits: .with { $0.headTimeout = .milliseconds(150) }) { server in
            let port = server.port
            let result = try await onThread {
                try Self.trickle("GET / HTTP/1.1\r\nHost: a\r\nX: ", "a", port: port)
            }
            #expect(result.answer.hasPrefix("HTTP/1.1 408 "))
            #expect(result.answer.contains("head-timeout"))
            #expect(result.bytes < Self.patience, "broken off while bytes still came")
        }
    }

    @Test("a slow body gets 408, and a steady one is left alone")
    func slowBody() async throws {
        let limits = HTTPLimits.with { limits in
            limits.bodyGrace = .milliseconds(300)
            limits.minBodyRate = 1000
        }
        try await withServer(limits: limits) { server in
            let port = server.port
            let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n"
            let slow = try await onThread { try Self.trickle(head, "a", port: port) }
            #expect(slow.answer.hasPrefix("HTTP/1.1 408 "))
            #expect(slow.answer.contains("body-timeout"))
            #expect(slow.bytes < Self.patience, "broken off while bytes still came")
            let steady = try await onThread {
                let client = try RawClient(port: port)
                client.send(head)
                for _ in 0..<30 {
                    client.send([UInt8](repeating: 97, count: 100))
                    pause(.milliseconds(10))
                }
                return try client.readResponse()
            }
            #expect(steady.body.count == 3000)
        }
    }

    @Test("idle connections are closed without a word, new and used")
    func idle() async throws {
        let limits = HTTPLimits.with { limits in
            limits.headTimeout = .milliseconds(100)
            limits.idleTimeout = .milliseconds(100)
        }
        try await withServer(limits: limits) { server in
            let port = server.port
            try await onThread {
                let fresh = try RawClient(port: port)
                let used = try RawClient(port: port)
                #expect(try used.ask(ConnectionTests.get).status == 200)
                #expect(try fresh.readToEnd() == "")
                #expect(try used.readToEnd() == "")
            }
        }
    }

    @Test("a peer that takes nothing of its answer is given up")
    func stall() async throws {
        let failed = Box<HTTPError>()
        let handler: Handler = { _, _, writer in
            do throws(HTTPError) {
                try await writer.start(status: 200)
                while true { try await writer.write([UInt8](repeating: 1, count: 65_536)) }
            } catch {
                failed.set(error)
            }
        }
        let limits = HTTPLimits.with { limits in limits.responseStall = .milliseconds(150) }
        try await withServer(limits: limits, handler: handler) { server in
            let client = try RawClient(port: server.port)
            client.send(ConnectionTests.get)
            #expect(await failed.wait() == .closed)
            client.close()
        }
    }

    @Test("a peer that takes its answer more slowly than it must is given up, too")
    func slowTaker() async throws {
        let failed = Box<HTTPError>()
        let handler: Handler = { _, _, writer in
            do throws(HTTPError) {
                try await writer.start(status: 200)
                while true { try await writer.write([UInt8](repeating: 1, count: 65_536)) }
            } catch {
                failed.set(error)
            }
        }
        let limits = HTTPLimits.with { limits in
            limits.minAnswerRate = 1 << 30
            limits.responseStall = .milliseconds(150)
        }
        try await withServer(limits: limits, handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port, receiveBuffer: 16 * 1024)
                client.send(ConnectionTests.get)
                var pieces = 0
                while pieces < Self.patience, try client.receive(upTo: 4096) != nil {
                    pieces += 1
                    pause(.milliseconds(10))
                }
            }
            #expect(await failed.wait() == .closed)
        }
    }

    @Test("a handler that begins no answer in time is cancelled, and its peer gets 504")
    func lateAnswer() async throws {
        let cancelled = Box<Bool>()
        let handler: Handler = { request, body, writer in
            guard request.path == "/echo" else {
                _ = try? await Task.sleep(for: .seconds(30))
                return cancelled.set(Task.isCancelled)
            }
            await plainHandler(request, body, writer)
        }
        let limits = HTTPLimits.with { limits in limits.answerTimeout = .milliseconds(200) }
        try await withServer(limits: limits, handler: handler) { server in
            let port = server.port
            let late = try await onThread {
                let client = try RawClient(port: port)
                let answer = try client.ask(ConnectionTests.get)
                #expect(try client.readToEnd() == "")
                return answer
            }
            #expect(late.status == 504)
            #expect(late.text.contains("answer-timeout"))
            #expect(await cancelled.wait())
            // A body that keeps coming is not the handler's fault.
            let steady = try await onThread {
                let client = try RawClient(port: port)
                client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n")
                for _ in 0..<40 {
                    client.send([UInt8](repeating: 97, count: 10))
                    pause(.milliseconds(10))
                }
                return try client.readResponse()
            }
            #expect(steady.body.count == 400)
        }
    }
}
