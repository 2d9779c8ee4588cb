import EventLoop
import Glibc
import Synchronization
import Testing

@testable import Curl

@Suite struct PlainTests {
    // MARK: Where a request goes

    @Test(
        "a URL is taken apart as it stands",
        arguments: [
            ("http://127.0.0.1:11434/v1/chat?a=b", "127.0.0.1", 11434, "/v1/chat?a=b"),
            ("http://localhost", "localhost", 80, "/"),
            ("http://model-server_1.lan:8000?x", "model-server_1.lan", 8000, "/?x"),
            ("http://[::1]:9/a/../b", "::1", 9, "/a/../b"),
            ("http://[::1]", "::1", 80, "/"),
        ])
    func target(url: String, host: String, port: Int, path: String) throws {
        let target = try #require(PlainTarget(url))
        #expect((target.host, Int(target.port), target.path) == (host, port, path))
    }

    @Test(
        "what needs a judgement is left to libcurl",
        arguments: [
            "https://host/", "HTTP://host/", "http://", "http://user@host/", "http://host:0/",
            "http://host:65536/", "http://host:1x/", "http://host:/", "http://ho st/",
            "http://h\u{e9}/", "http://host/#part", "http://[::1", "http://[::1]x/", "http://[]/",
            "http://a%2eb/",
        ])
    func judgement(url: String) { #expect(PlainTarget(url) == nil) }

    @Test("no proxy leads to addresses and names of this machine, and to nothing like them")
    func local() {
        let local = [
            "127.0.0.1", "127.255.3.4", "::1", "0:0:0:0:0:0:0:1", "localhost", "LocalHost",
            "model.localhost",
        ]
        let others = [
            "127.anything.example", "127.0.0.1.example", "127.1", "128.0.0.1", "::", "::2",
            "::ffff:8.8.8.8", "notlocalhost", "localhost.example", "",
        ]
        for host in local { #expect(LocalHost.isLocal(host), "\(host)") }
        for host in others { #expect(!LocalHost.isLocal(host), "\(host)") }
    }

    // MARK: Responses

    /// What a client makes of these bytes, which end with the connection, in two pieces.
    private func outcome(
        of response: String, cutAt cut: Int, method: String = "GET"
    ) async throws -> Result<ClientResponse, HTTPClientError> {
        let bytes = Array(response.utf8)
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write(Array(bytes[..<cut]))
            peer.write(Array(bytes[cut...]))
        }
        defer { server.stop() }
        let answer = Mutex<Result<ClientResponse, HTTPClientError>?>(nil)
        try await withClient { client, _ in
            let result: Result<ClientResponse, HTTPClientError>
            do throws(HTTPClientError) {
                result = .success(
                    try await client.send(ClientRequest(method: method, url: server.url)))
            } catch {
                result = .failure(error)
            }
            answer.withLock { $0 = result }
        }
        return try #require(answer.withLock { $0 })
    }

    private static let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
        + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n"

    @Test("a chunked body is read however it is cut")
    func chunks() async throws {
        for cut in 0..<Self.chunked.utf8.count {
            let response = try await outcome(of: Self.chunked, cutAt: cut).get()
            #expect(response.body == Array("abcde".utf8), "cut at \(cut)")
            #expect(response.headers["trailer"] == nil)
        }
    }

    @Test("a chunked body that ends early is truncated, wherever that is")
    func shortChunks() async throws {
        for length in stride(from: 60, to: Self.chunked.utf8.count - 1, by: 3) {
            let short = String(decoding: Array(Self.chunked.utf8)[..<length], as: UTF8.self)
            let result = try await outcome(of: short, cutAt: 10)
            #expect(throws: HTTPClientError.truncated) { try result.get() }
        }
    }

    @Test(
        "the end of a body is found as it is said",
        arguments: [
            ("HTTP/1.0 200 OK\r\n\r\nto the end", "GET", "to the end"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", "GET", "abc"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc", "GET", "abc"),
            ("HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", "GET", "abc"),
            ("HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n", "GET", ""),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "HEAD", ""),
            ("HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "POST", "a"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "1\r\na\r\n0\r\n\r\n", "GET", "a"
            ),
        ])
    func framing(response: String, method: String, body: String) async throws {
        let answer = try await outcome(of: response, cutAt: 5, method: method).get()
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }

    @Test(
        "what is not HTTP/1.1 is an error",
        arguments: [
            "\r\n\r\n", "HTTP/1.1X200 OK 200\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nHTTP/1.1 500: x\r\nContent-Length: 0\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 101 Up\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\na",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\na",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        ])
    func garbage(response: String) async throws {
        let result = try await outcome(of: response, cutAt: 3)
        #expect(throws: HTTPClientError.self) { try result.get() }
    }

    // MARK: Connections

    @Test("a connection that the server closed meanwhile is replaced, whatever the method")
    func stale() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.respond("one")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            for _ in 0..<4 {
                let request = ClientRequest(
                    method: "POST", url: server.url, body: Array("x".utf8))
                let response = try await client.send(request)
                #expect(response.body == Array("one".utf8))
            }
            #expect(server.connections == 4)
        }
    }

    @Test("a server that closes without a word is asked once more, and no more")
    func closing() async throws {
        let asked = Mutex(0)
        let server = ScriptedServer { peer in
            while peer.request() != nil {
                guard
                    asked.withLock({
                        $0 += 1; return $0
                    }) == 1
                else { return }
                peer.respond("one")
            }
        }
        defer { server.stop() }
        try await withClient { client, _ in
            _ = try await client.send(ClientRequest(url: server.url))
            await #expect(throws: HTTPClientError.truncated) {
                try await client.send(ClientRequest(url: server.url))
            }
            #expect(asked.withLock { $0 } == 3)
        }
    }

    @Test("a connection is not used again when the server says so, or has said too much")
    func notKept() async throws {
        let server = ScriptedServer { peer in
            guard let request = peer.request() else { return }
            let close = request.hasPrefix("GET /close") ? "Connection: Close\r\n" : ""
            let more = request.hasPrefix("GET /more") ? "more" : ""
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\(close)\r\nok\(more)")
            _ = peer.request()
        }
        defer { server.stop() }
        try await withClient { client, _ in
            for path in ["close", "more", "close"] {
                let response = try await client.send(ClientRequest(url: server.url + path))
                #expect(response.body == Array("ok".utf8))
            }
            #expect(server.connections == 3)
        }
    }

    @Test("an answer before the whole body was taken is an answer")
    func early() async throws {
        let server = ScriptedServer { peer in
            _ = peer.read()
            peer.respond("too much", status: "413 Content Too Large", "Connection: close\r\n")
            // What is left unread would have the system reset the connection before the answer.
            while peer.read() != nil {}
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let request = ClientRequest(
                method: "PUT", url: server.url, body: [UInt8](repeating: 7, count: 8 << 20))
            let response = try await client.send(request)
            #expect(response.status == 413)
        }
    }

    @Test("localhost is this machine, by whichever address answers")
    func localhost() async throws {
        let server = ScriptedServer { peer in
            guard let request = peer.request() else { return }
            peer.respond(request.field("host") ?? "")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let host = "localhost:\(server.port)"
            let response = try await client.send(ClientRequest(url: "http://\(host)/"))
            #expect(response.body == Array(host.utf8))
        }
    }

    @Test("a name without an address is told as such, and was never sent")
    func unknownName() async throws {
        try await withClient { client, _ in
            let request = ClientRequest(url: "http://no-such-name.invalid/")
            await #expect(throws: HTTPClientError.resolve) { try await client.send(request) }
        }
    }

    @Test("a server that never accepts is given up in the time for connecting")
    func neverAccepts() async throws {
        // A listener whose queue is full: connections to it stay in the handshake.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let port = ScriptedServer.bindLoopback(listener)
        listen(listener, 0)
        try await withClient { client, _ in
            var request = ClientRequest(url: "http://127.0.0.1:\(port)/")
            (request.connectTimeout, request.idleTimeout) = (.milliseconds(150), .seconds(20))
            let errors = await withTaskGroup(of: HTTPClientError?.self) { group in
                for _ in 0..<4 {
                    group.addTask { [request] in
                        do throws(HTTPClientError) {
                            _ = try await client.send(request)
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                var errors: [HTTPClientError?] = []
                for await error in group where error == .connect {
                    errors.append(error)
                    // Those that the queue took wait for an answer.
                    group.cancelAll()
                }
                return errors
            }
            #expect(!errors.isEmpty)
        }
    }
}
