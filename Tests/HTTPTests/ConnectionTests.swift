import EventLoop
import Glibc
import HTTP
import Testing

@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    static let get = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("one connection carries many requests")
    func keepAlive() async throws {
        try await withServer { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                for _ in 0..<50 { #expect(try client.ask(Self.get).status == 200) }
                let last = try client.ask(
                    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(last.headers["connection"] == "close")
                #expect(try client.readToEnd() == "")
            }
        }
    }

    @Test("HTTP/1.0 is kept only when asked for")
    func old() async throws {
        try await withServer { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                let kept = try client.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(kept.headers["connection"] == "keep-alive")
                let last = try client.ask("GET / HTTP/1.0\r\n\r\n")
                #expect(last.headers["connection"] == "close")
                #expect(try client.readToEnd() == "")
            }
        }
    }

    @Test("pipelined requests are answered in order, whatever each takes")
    func pipelining() async throws {
        let handler: Handler = { request, _, writer in
            // The earlier ones answer later, if they were answered side by side.
            let turns = 40 - (Int(request.queryValue("n") ?? "") ?? 0)
            for _ in 0..<turns { await Task.yield() }
            await tolerating { () async throws(HTTPError) in
                try await writer.send(status: 200, body: Array(request.target.utf8))
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            try await onThread {
                let client = try RawClient(port: port)
                let many = (0..<40).map { "GET /?n=\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
                client.send(many.joined())
                for number in 0..<40 {
                    #expect(try client.readResponse().text == "/?n=\(number)")
                }
            }
        }
    }

    @Test("a thousand connections at once are answered, twice, by two loops")
    func many() async throws {
        try await withServer(loops: 2) { server in
            let port = server.port
            try await onThread {
                let clients = try (0..<1000).map { _ in try RawClient(port: port) }
                for _ in 0..<2 {
                    for client in clients { client.send(Self.get) }
                    for client in clients { #expect(try client.readResponse().status == 200) }
                }
                #expect(server.connections == 1000)
            }
        }
    }

    @Test("past the limit a connection is told 503, and later ones are served again")
    func full() async throws {
        try await withServer(limits: .with { $0.maxConnections = 2 }) { server in
            let port = server.port
            try await onThread {
                let first = try RawClient(port: port)
                let second = try RawClient(port: port)
                #expect(try first.ask(Self.get).status == 200)
                #expect(try second.ask(Self.get).status == 200)
                let third = try RawClient(port: port)
                let refused = try third.ask(Self.get)
                #expect(refused.status == 503)
                #expect(refused.text.contains("too-busy"))
                #expect(try third.readToEnd() == "")
                first.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                _ = try first.readToEnd()
                first.close()
                while server.connections == 2 { sched_yield() }
                #expect(try RawClient(port: port).ask(Self.get).status == 200)
            }
        }
    }

    @Test("the peer's address is known, over IPv4 and IPv6")
    func remote() async throws {
        let handler: Handler = { request, _, writer in
            await tolerating { () async throws(HTTPError) in
                try await writer.send(status: 200, body: Array(request.remote.utf8))
            }
        }
        try await withServer(handler: handler) { server in
            let port = server.port
            let seen = try await onThread { try RawClient(port: port).ask(Self.get).text }
            #expect(seen == "127.0.0.1")
        }
        guard access("/proc/net/if_inet6", R_OK) == 0 else { return }
        try await withServer(loops: 2, host: "::", handler: handler) { server in
            let port = server.port
            let seen = try await onThread {
                [
                    try RawClient(port: port, host: "::1").ask(Self.get).text,
                    try RawClient(port: port).ask(Self.get).text,
                ]
            }
            #expect(seen == ["::1", "127.0.0.1"])
        }
    }

    @Test("a port in use and a nameless host are errors, not traps")
    func refusals() async throws {
        try await withServer { server in
            let loop = EventLoop()
            defer { loop.stop() }
            #expect(throws: HTTPError.system(doing: "bind", errno: EADDRINUSE)) {
                try HTTPServer(
                    loops: [loop], host: "127.0.0.1", port: server.port, handler: plainHandler)
            }
            #expect(throws: HTTPError.misuse("port 70000")) {
                try HTTPServer(loops: [loop], host: "", port: 70_000, handler: plainHandler)
            }
            #expect(throws: HTTPError.misuse("a server without a loop")) {
                try HTTPServer(loops: [], host: "", port: 0, handler: plainHandler)
            }
        }
    }
}
