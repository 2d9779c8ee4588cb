import Curl
import EventLoop
import Glibc
import Testing

@Suite(.bothWays) struct RefusalTests {
    private func failure(
        of request: ClientRequest, limits: HTTPClient.Limits = .init()
    ) async throws -> HTTPClientError? {
        var found: HTTPClientError?
        try await withClient(limits: limits) { client, _ in
            do throws(HTTPClientError) {
                _ = try await client.send(request)
            } catch {
                found = error
            }
        }
        return found
    }

    @Test(
        "a response that ends early is truncated",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        ])
    func truncated(reply: String) async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write(reply)
        }
        defer { server.stop() }
        #expect(try await failure(of: ClientRequest(url: server.url)) == .truncated)
    }

    @Test("a silent server is idle, and one past its deadline has timed out")
    func silence() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\n")
            while peer.read() != nil {}
        }
        defer { server.stop() }
        let idle = ClientRequest(url: server.url, idleTimeout: .milliseconds(50))
        #expect(try await failure(of: idle) == .idle)
        let late = ClientRequest(url: server.url, deadline: .milliseconds(50))
        #expect(try await failure(of: late) == .timedOut)
    }

    @Test("a body past the limit is refused, and one at the limit is not")
    func tooLarge() async throws {
        let server = ScriptedServer { peer in
            while peer.request() != nil { peer.respond("12345678") }
        }
        defer { server.stop() }
        #expect(try await failure(of: ClientRequest(url: server.url, maxBody: 7)) == .tooLarge)
        #expect(try await failure(of: ClientRequest(url: server.url, maxBody: 8)) == nil)
    }

    @Test("a head past the limit is refused")
    func hugeHead() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            let line = "X-Long: " + String(repeating: "a", count: 1000) + "\r\n"
            peer.respond("", String(repeating: line, count: 80))
        }
        defer { server.stop() }
        #expect(try await failure(of: ClientRequest(url: server.url)) == .tooLarge)
    }

    @Test("nobody listening is a connect failure that was never sent")
    func refused() async throws {
        let server = ScriptedServer { _ in }
        let url = server.url
        server.stop()
        let error = try await failure(of: ClientRequest(url: url))
        #expect(error == .connect && error?.isUnsent == true)
        let missing = ClientRequest(url: "http://a/", unixSocket: "/nowhere/at.sock")
        #expect(try await failure(of: missing) == .connect)
    }

    @Test("a request that was sent and then found nobody at home was not unsent")
    func takenThenRefused() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.respond("")
            _ = peer.request()
        }
        try await withClient { client, _ in
            let request = ClientRequest(method: "POST", url: server.url, body: Array("x".utf8))
            let first = try await client.send(request)
            #expect(first.status == 200)
            server.stop()
            await #expect(throws: HTTPClientError.truncated) { try await client.send(request) }
            #expect(!HTTPClientError.truncated.isUnsent)
        }
    }

    @Test("a reset is not the end of a body that goes on until the connection's")
    func reset() async throws {
        let gate = Gate()
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\n\r\nhalf")
            gate.wait()
            peer.reset()
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let stream = try await client.stream(ClientRequest(url: server.url))
            #expect(try await stream.next() == Array("half".utf8))
            gate.open()
            await #expect(throws: HTTPClientError.truncated) { try await stream.next() }
        }
    }

    @Test(
        "only plain http and https URLs are requested",
        arguments: [
            "", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "127.0.0.1/x",
            "http://me:secret@127.0.0.1:1/", "http://127.0.0.1:1/\0",
        ])
    func badURL(url: String) async throws {
        #expect(try await failure(of: ClientRequest(url: url)) == .badURL)
    }

    @Test(
        "what would break out of a request line or a field is refused, unquoted",
        arguments: [
            ("GET", "X-A", "secret\r\nX-B: c"), ("GET", "X A", "secret"), ("GET", "", "secret"),
            ("G ET", "X-A", "secret"), ("GET", "X-A", "secret\0"),
        ])
    func injection(method: String, name: String, value: String) async throws {
        let request = ClientRequest(
            method: method, url: "http://127.0.0.1:1/", headers: [(name, value)])
        guard case .other(let message)? = try await failure(of: request) else {
            Issue.record("the request was not refused")
            return
        }
        #expect(message.range(of: "secret") == nil)
    }

    @Test("a transfer past the limits waits, and one past the queue is overloaded")
    func overloaded() async throws {
        let first = Promise<Void>()
        let release = Promise<Void>()
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            while peer.request() != nil { peer.respond("") }
        }
        let holder = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
            first.fulfil(())
            while peer.read() != nil {}
            release.fulfil(())
        }
        defer {
            server.stop()
            holder.stop()
        }
        var limits = HTTPClient.Limits()
        limits.transfers = 1
        limits.queue = 1
        try await withClient(limits: limits) { client, loop in
            let holding = try await client.stream(ClientRequest(url: holder.url))
            await first.value
            let url = server.url
            // On the loop, so that the order of the two is certain.
            let waiting = Task(executorPreference: loop) {
                try await client.send(ClientRequest(url: url)).status
            }
            let refused = Task(executorPreference: loop) {
                try await client.send(ClientRequest(url: url)).status
            }
            await #expect(throws: HTTPClientError.overloaded) { try await refused.value }
            holding.cancel()
            await release.value
            #expect(try await waiting.value == 200)
        }
    }

    @Test("waiting for a place counts against the deadline")
    func queuedDeadline() async throws {
        let holder = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
            while peer.read() != nil {}
        }
        defer { holder.stop() }
        var limits = HTTPClient.Limits()
        limits.transfers = 1
        try await withClient(limits: limits) { client, _ in
            let holding = try await client.stream(ClientRequest(url: holder.url))
            await #expect(throws: HTTPClientError.timedOut) {
                try await client.send(
                    ClientRequest(url: holder.url, deadline: .milliseconds(40)))
            }
            holding.cancel()
        }
    }

    @Test("closing the client ends what is under way and refuses what comes")
    func closed() async throws {
        let holder = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
            while peer.read() != nil {}
        }
        defer { holder.stop() }
        try await withClient { client, _ in
            let stream = try await client.stream(ClientRequest(url: holder.url))
            client.close()
            await #expect(throws: HTTPClientError.cancelled) { try await stream.next() }
            await #expect(throws: HTTPClientError.cancelled) {
                try await client.send(ClientRequest(url: holder.url))
            }
        }
    }
}
