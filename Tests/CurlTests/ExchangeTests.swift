import Curl
import EventLoop
import Glibc
import Testing

@Suite(.bothWays) struct ExchangeTests {
    @Test("a whole response comes with its status, fields of any case and body")
    func whole() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.respond(
                "made", status: "201 Created", "X-Kind: one\r\nx-kind:  two \r\nEmpty:\r\n")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let response = try await client.send(ClientRequest(url: server.url))
            #expect(response.status == 201)
            #expect(response.body == Array("made".utf8))
            #expect(response.headers["X-KIND"] == "one")
            #expect(response.headers.all("x-kind") == ["one", "two"])
            #expect(response.headers["empty"] == "")
            #expect(response.headers["absent"] == nil)
        }
    }

    @Test("a body is sent as it is, with only the fields that were asked for")
    func body() async throws {
        let seen = Promise<String>()
        let server = ScriptedServer { peer in
            guard let request = peer.request() else { return }
            seen.fulfil(request)
            peer.respond("")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            var request = ClientRequest(method: "POST", url: server.url + "a/../b?c=d")
            request.headers = [("X-Key", "k"), ("X-Empty", ""), ("Host", "another.example")]
            request.body = Array(repeating: 0x61, count: 5000)
            let response = try await client.send(request)
            #expect(response.status == 200)
            let text = await seen.value
            #expect(text.hasPrefix("POST /a/../b?c=d HTTP/1.1\r\n"))
            #expect(text.field("x-key") == "k")
            #expect(text.field("host") == "another.example")
            #expect(text.range(of: "127.0.0.1") == nil)
            #expect(text.field("content-length") == "5000")
            #expect(text.range(of: "X-Empty:\r\n") != nil)
            #expect(text.field("expect") == nil && text.field("content-type") == nil)
            #expect(text.hasSuffix("\r\n\r\n" + String(repeating: "a", count: 5000)))
        }
    }

    @Test("a body goes out in chunks where that is asked for")
    func chunkedBody() async throws {
        let seen = Promise<String>()
        let server = ScriptedServer { peer in
            var text = ""
            while !text.hasSuffix("0\r\n\r\n"), let more = peer.read() {
                text += String(decoding: more, as: UTF8.self)
            }
            seen.fulfil(text)
            peer.respond("")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            var request = ClientRequest(method: "POST", url: server.url)
            request.headers = [("Transfer-Encoding", "chunked")]
            request.body = Array("abcde".utf8)
            let response = try await client.send(request)
            #expect(response.status == 200)
            let text = await seen.value
            #expect(text.field("content-length") == nil)
            #expect(text.hasSuffix("\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"))
        }
    }

    @Test("one connection serves request after request")
    func keepAlive() async throws {
        let server = ScriptedServer { peer in
            while let request = peer.request() { peer.respond(String(request.prefix(5))) }
        }
        defer { server.stop() }
        try await withClient { client, _ in
            for method in ["GET", "PATCH", "POST", "DELETE"] {
                let response = try await client.send(
                    ClientRequest(method: method, url: server.url))
                #expect(response.body == Array((method + " /").prefix(5).utf8))
            }
            let head = try await client.send(ClientRequest(method: "HEAD", url: server.url))
            #expect(head.body.isEmpty && head.headers["content-length"] == "5")
            #expect(server.connections == 1)
        }
    }

    @Test("an interim response is skipped and a redirect is an answer")
    func interimAndRedirect() async throws {
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            peer.respond("", status: "302 Found", "Location: /elsewhere\r\nSet-Cookie: a=b\r\n")
            #expect(peer.request()?.field("cookie") == nil)
            peer.respond("", status: "204 No Content")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let response = try await client.send(ClientRequest(url: server.url))
            #expect(response.status == 302)
            #expect(response.headers["location"] == "/elsewhere")
            #expect(response.headers["link"] == nil)
            #expect(try await client.send(ClientRequest(url: server.url)).status == 204)
        }
    }

    @Test("a request goes to a socket in the file system")
    func unixSocket() async throws {
        let path = "/tmp/curl-\(getpid())-\(UInt32.random(in: 0...(.max))).sock"
        let server = ScriptedServer(path: path) { peer in
            guard let request = peer.request() else { return }
            peer.respond(request.field("host") ?? "")
        }
        defer { server.stop() }
        try await withClient { client, _ in
            let response = try await client.send(
                ClientRequest(url: "http://inside/", unixSocket: path))
            #expect(response.body == Array("inside".utf8))
        }
    }

    @Test("a task on the client's own loop is answered there")
    func onLoop() async throws {
        let server = ScriptedServer { peer in
            while peer.request() != nil { peer.respond("here") }
        }
        defer { server.stop() }
        try await withClient { client, loop in
            let url = server.url
            let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<8 {
                    group.addTask(executorPreference: loop) {
                        try await client.send(ClientRequest(url: url)).body
                    }
                }
                return try await group.reduce(into: [[UInt8]]()) { $0.append($1) }
            }
            #expect(bodies == Array(repeating: Array("here".utf8), count: 8))
        }
    }
}
