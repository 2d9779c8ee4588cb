import Contracts
import Curl
import EventLoop
import Fakes
import HTTP
import Synchronization
import Testing
import Testkit
import Wire

@testable import GatewayService

/// A model's server that says nothing before it is let go on.
private final class SilentModel: Sendable {
    private let loop = EventLoop("silent model")
    private let server: HTTPServer
    private let asked = Asked()
    private let hand: AsyncStream<Void>.Continuation
    private let end: AsyncStream<Void>.Continuation

    private final class Asked: Sendable { let count = Mutex(0) }

    init() throws {
        let (gate, hand) = AsyncStream.makeStream(of: Void.self)
        let (rest, end) = AsyncStream.makeStream(of: Void.self)
        (self.hand, self.end) = (hand, end)
        server = try HTTPServer(loops: [loop], host: "127.0.0.1", port: 0) {
            [asked] _, body, writer in
            guard (try? await body.collect(upTo: 1 << 20)) != nil else { return }
            asked.count.withLock { $0 += 1 }
            for await _ in gate {}
            let chunk = #"{"id": "c", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}"#
            try? await writer.start(
                status: 200, headers: [("Content-Type", "text/event-stream")])
            try? await writer.write(Array("data: \(chunk)\n\n".utf8))
            for await _ in rest {}
        }
    }

    deinit {
        end.finish()
        loop.stop()
    }

    var url: String { "http://127.0.0.1:\(server.port)/v1" }
    var isAsked: Bool { asked.count.withLock { $0 > 0 } }
    func goOn() { hand.finish() }
}

@Suite("Model streams while the gateway stops", .timeLimit(.minutes(1)))
struct ServingStopTests {
    /// What is asked of an interface, and how its clients are told that a stream has failed.
    struct Way: Sendable, CustomTestStringConvertible {
        let path: String
        let body: WireValue
        /// The event's name; nil where clients read the data alone.
        let event: String?
        var testDescription: String { path }

        static let all = [
            Way(
                path: "chat/completions",
                body: [
                    "model": "offline", "stream": true,
                    "messages": [["role": "user", "content": .text(Self.words)]],
                ], event: nil),
            Way(
                path: "responses",
                body: ["model": "offline", "stream": true, "input": .text(Self.words)],
                event: "error"),
            Way(
                path: "messages",
                body: [
                    "model": "offline", "stream": true, "max_tokens": 4_096,
                    "messages": [["role": "user", "content": .text(Self.words)]],
                ], event: "error"),
        ]

        /// Enough that the answer is not over before it is interrupted.
        private static let words = String(repeating: "Say very much about tides. ", count: 50)
    }

    private func post(_ way: Way, to rig: Rig) throws -> ClientRequest {
        ClientRequest(
            method: "POST", url: "\(rig.url)/v1/\(way.path)",
            headers: [
                ("Authorization", "Bearer \(try rig.owner)"), ("Content-Type", "application/json"),
            ], body: try way.body.json, deadline: .seconds(30), maxBody: .max)
    }

    @Test("one that is under way ends with an error in its interface's words", arguments: Way.all)
    func underWay(way: Way) async throws {
        let rig = try await Rig(billing: false)
        try await rig.startProviders(["ATELIER_OFFLINE_PACE_US": "100000"])
        let stream = try await rig.http.stream(try post(way, to: rig))
        #expect(stream.status == 200)
        var bytes = try await stream.next() ?? []
        async let drained: Void = rig.gateway.front.drain()
        while let more = try await stream.next() { bytes += more }
        await drained
        let text = String(decoding: bytes, as: UTF8.self)
        let blocks = text.split(separator: "\n\n", omittingEmptySubsequences: true)
        let lines = try #require(blocks.last).split(separator: "\n")
        let data = try #require(lines.last { $0.hasPrefix("data: ") }?.dropFirst(6))
        #expect(lines.first { $0.hasPrefix("event: ") } == way.event.map { "event: \($0)" })
        let error = try WireValue(json: Array(data.utf8))
        #expect(error["error"]?["message"]?.string?.isEmpty == false, "\(text.suffix(400))")
        #expect(!text.contains("[DONE]") && !text.contains("message_stop"))
        #expect(!text.contains("response.completed"))
    }

    @Test("one that has not begun is refused, so that its client asks again")
    func notBegun() async throws {
        let model = try SilentModel()
        let rig = try await Rig(
            billing: false, environment: ["ATELIER_HTTP_DRAIN_SECONDS": "20"])
        try await rig.startProviders(["OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "key"])
        var request = try post(Way.all[0], to: rig)
        request.body = try
            ([
                "model": "openai/m", "stream": true,
                "messages": [["role": "user", "content": "Hi"]],
            ] as WireValue).json
        async let answer = rig.http.send(request)
        #expect(await soon { model.isAsked })
        async let drained: Void = rig.gateway.front.drain()
        #expect(await soon { rig.gateway.front.closing.isClosed })
        model.goOn()
        let refused = try await answer
        await drained
        #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
        let error = try WireValue(json: refused.body)["error"]
        #expect(error?["type"]?.string == "server_error")
    }
}
