import EventStream
import Console
import Curl
import EventLoop
import Testing

@testable import AtelierTools

@Suite("Following a run")
struct RunFollowerTests {
    private func follow(
        _ script: @escaping StreamServer.Script
    ) async throws -> (seen: [String], requests: [String]) {
        let loop = EventLoop()
        let server = try StreamServer(script)
        defer {
            server.stop()
            loop.stop()
        }
        let gateway = GatewayClient(
            http: HTTPClient(on: loop), address: "http://127.0.0.1:\(server.port)", token: "secret")
        var seen: [String] = []
        try await RunFollower(gateway: gateway, path: "/runs/run_1/stream").follow { event in
            seen.append("\(event.id ?? "-")\(event.type)")
            return true
        }
        return (seen, server.requests)
    }

    @Test("a stream that breaks off is taken up after the last event, and none is told twice")
    func reconnects() async throws {
        let (seen, requests) = try await follow { number, peer in
            switch number {
            case 1: peer.stream("retry: 1\nid: 1\nevent: a\ndata: {}\n\nid: 2\nevent: b\nda")
            case 2: peer.answer(503, #"{"title":"away"}"#)
            case 3: peer.stream("id: 1\nevent: a\ndata: {}\n\nid: 2\nevent: b\ndata: {}\n\n")
            default: peer.stream("id: 3\nevent: c\ndata: {}\n\nevent: end\ndata: {}\n\n")
            }
        }
        #expect(seen == ["1a", "2b", "3c", "-end"])
        #expect(requests.count == 4)
        #expect(requests[0].contains("GET /api/v1/runs/run_1/stream HTTP/1.1"))
        #expect(requests[0].contains("Authorization: Bearer secret"))
        #expect(!requests[0].contains("Last-Event-ID"))
        #expect(requests[1].contains("Last-Event-ID: 1\r\n"))
        #expect(requests[3].contains("Last-Event-ID: 2\r\n"))
    }

    @Test("an answer without content ends the following")
    func ended() async throws {
        let (seen, _) = try await follow { _, peer in peer.answer(204) }
        #expect(seen.isEmpty)
    }

    @Test("a refusal is told as it is, and not tried again")
    func refused() async throws {
        let refusal = await #expect(throws: Refusal.self) {
            _ = try await follow { _, peer in
                peer.answer(404, #"{"title":"Not found","code":"not-found","status":404}"#)
            }
        }
        #expect(refusal == Refusal(.failure, "Not found (code not-found)"))
    }

    @Test("a post that found nobody is repeated under the same key")
    func repeated() async throws {
        let loop = EventLoop()
        let server = try StreamServer { number, peer in
            if number > 1 { peer.answer(201, #"{"id":"run_1","state":"queued"}"#) }
        }
        defer {
            server.stop()
            loop.stop()
        }
        let gateway = GatewayClient(
            http: HTTPClient(on: loop), address: "http://127.0.0.1:\(server.port)", token: "t")
        let run = try await gateway.post("/sessions", ["draft": "x"], as: RunResource.self)
        #expect(run.id == "run_1")
        let keys = server.requests.map { request in
            request.split(separator: "\r\n").first { $0.hasPrefix("Idempotency-Key: ") }
        }
        #expect(keys.count == 2 && keys[0] != nil && keys[0] == keys[1])
    }
}
