import Contracts
import Dialects
import EventLoop
import Mesh
import MeshContract
import Testing
import Testkit

@testable import ProvidersService

@Suite(
    "Answers to outside clients",
    .enabled(if: FakeProviders.shared != nil, FakeProviders.absence), .serialized)
struct ServingTests {
    private let fake: FakeProviders

    init() throws { fake = try #require(FakeProviders.shared) }

    private func rig(_ more: [String: String] = [:]) async throws -> Rig {
        try await Rig(fake.settings(key: "key", more))
    }

    private func chat(
        _ model: String, stream: Bool = false, words: String = "hi"
    ) -> Providers.Serve {
        let body =
            "{\"model\":\"\(model)\",\"stream\":\(stream),"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"\(words)\"}]}"
        return Providers.Serve(
            interface: .chat, user: "user_1", apiKeyID: "key_1", body: Array(body.utf8))
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The rest of an answer that has begun.
    private func rest(
        of answer: Providers.ServedAnswer, _ gateway: MeshClient
    ) async throws -> [UInt8] {
        var all = answer.body
        var isEnded = answer.isEnded
        while !isEnded {
            let piece = try await gateway.call(
                Providers.ReadServed(
                    id: answer.id, offset: all.count, waitMilliseconds: 5_000))
            all += piece.body
            isEnded = piece.isEnded
        }
        return all
    }

    @Test("a whole answer is one call, says who answered, and is booked")
    func whole() async throws {
        let rig = try await rig()
        let gateway = rig.test.client(as: "gateway")
        let answer = try await gateway.call(chat("anthropic/ok"))
        #expect(answer.status == 200 && answer.isEnded && answer.id.isEmpty)
        let json = try JSONValue(parsing: answer.body)
        let message = json["choices"]?.array?.first?["message"]
        #expect(message?["content"] == "ECHO: HI" && json["model"] == "anthropic/ok")
        #expect(answer.headers.contains(.init("x-atelier-provider", "anthropic")))
        #expect(try await eventually { try await entries(rig).count == 1 })
        let entry = try #require(try await entries(rig).first)
        #expect(entry.outcome == "completed" && entry.user == "user_1" && entry.agent == "api")
        #expect(entry.usage.inputTokens == 1 && entry.usage.outputTokens == 2)
    }

    private func entries(_ rig: Rig) async throws -> [Providers.UsageEntry] {
        try await rig.mesh.call(Providers.ReadUsage(after: 0, limit: 100)).entries
    }

    @Test("a stream is read in pieces, and is gone once its last byte was read")
    func stream() async throws {
        let rig = try await rig()
        let gateway = rig.test.client(as: "gateway")
        let answer = try await gateway.call(chat("openai/slow", stream: true))
        #expect(answer.status == 200 && !answer.isEnded && !answer.id.isEmpty)
        let all = text(try await rest(of: answer, gateway))
        #expect(all.hasSuffix("data: [DONE]\n\n") && all.contains("ECHO:"))
        await expectFault(.notFound) {
            try await gateway.call(
                Providers.ReadServed(id: answer.id, offset: 0, waitMilliseconds: 0))
        }
    }

    @Test("nobody but the gateway may ask for it")
    func callers() async throws {
        let rig = try await rig()
        await expectFault(.denied) { try await rig.mesh.call(chat("openai/ok")) }
    }

    @Test(
        "what is wrong with a request is told in the client's dialect",
        arguments: [
            Providers.Interface.chat, .responses, .messages, .embeddings, .countTokens,
        ])
    func refused(interface: Providers.Interface) async throws {
        let rig = try await rig()
        let answer = try await rig.test.client(as: "gateway").call(
            Providers.Serve(interface: interface, user: "u", body: Array("{".utf8)))
        #expect(answer.status == 400 && answer.isEnded)
        let json = try JSONValue(parsing: answer.body)
        #expect(json["error"]?["type"] == "invalid_request_error")
        let isAnthropic = interface == .messages || interface == .countTokens
        #expect((json["type"] == "error") == isAnthropic)
        #expect(answer.headers.contains(.init("x-should-retry", "false")))
    }

    @Test("past the limit the answer is to come again later")
    func limit() async throws {
        let rig = try await rig(["LLM_SERVED": "1"])
        let gateway = rig.test.client(as: "gateway")
        let words = String(repeating: "word ", count: 100)
        let first = try await gateway.call(chat("openai/slow", stream: true, words: words))
        let second = try await gateway.call(chat("openai/ok"))
        #expect(second.status == 503)
        #expect(second.headers.contains(.init("retry-after", "1")))
        _ = try await gateway.call(Providers.CancelServed(id: first.id))
        #expect(
            try await eventually { try await gateway.call(chat("openai/ok")).status == 200 })
    }

    @Test(
        "a call that is cancelled ends the request upstream, and is booked",
        arguments: [false, true])
    func cancelledBegin(stream: Bool) async throws {
        let rig = try await rig()
        let gateway = rig.test.client(as: "gateway")
        let before = try await fake.aborted(on: rig.test.loop)
        let asking = Task { try await gateway.call(chat("anthropic/hang", stream: stream)) }
        #expect(try await eventually { try await asked(rig) })
        asking.cancel()
        #expect(try await eventually { try await fake.aborted(on: rig.test.loop) > before })
        #expect(try await eventually { try await entries(rig).count == 1 })
        #expect(try await entries(rig).first?.outcome == "cancelled")
        _ = await asking.result
    }

    /// True once a request is on its way.
    private func asked(_ rig: Rig) async throws -> Bool { rig.node.served.count == 1 }

    @Test("a read that is cancelled gives the answer up, and so does a word of the gateway")
    func cancelledRead() async throws {
        let rig = try await rig()
        let gateway = rig.test.client(as: "gateway")
        let words = String(repeating: "word ", count: 200)
        for isTold in [false, true] {
            let before = try await fake.aborted(on: rig.test.loop)
            let answer = try await gateway.call(
                chat("openai/stall", stream: true, words: words))
            if isTold {
                _ = try await gateway.call(Providers.CancelServed(id: answer.id))
            } else {
                // All that comes before it stalls, so that the next read has to wait.
                var seen = answer.body.count
                while true {
                    let piece = try await gateway.call(
                        Providers.ReadServed(id: answer.id, offset: seen, waitMilliseconds: 100))
                    seen += piece.body.count
                    // A comment is but a sign of life.
                    if piece.body.first == UInt8(ascii: ":") { break }
                }
                let reading = Task { [seen] in
                    try await gateway.call(
                        Providers.ReadServed(id: answer.id, offset: seen, waitMilliseconds: 5_000))
                }
                #expect(
                    try await eventually {
                        try await gateway.stats(Providers.name).inHand == 1
                    }, "what was never sent cannot be taken back")
                reading.cancel()
                _ = await reading.result
            }
            #expect(try await eventually { try await fake.aborted(on: rig.test.loop) > before })
        }
        #expect(try await eventually { try await entries(rig).count == 2 })
        for entry in try await entries(rig) {
            #expect(entry.outcome == "cancelled" && entry.usage.isEstimated)
            #expect(entry.usage.inputTokens > 100 && entry.usage.outputTokens > 0)
        }
    }

    @Test("a service that stops says so in its streams")
    func stopping() async throws {
        let rig = try await rig()
        let gateway = rig.test.client(as: "gateway")
        let words = String(repeating: "word ", count: 200)
        let answer = try await gateway.call(chat("openai/stall", stream: true, words: words))
        rig.node.served.stop()
        let all = text(try await rest(of: answer, gateway))
        #expect(all.contains("\"error\"") && all.contains("the service is stopping"))
        #expect(try await gateway.call(chat("openai/ok")).status == 503)
    }

    @Test("the built-in provider is served, and nobody can take it for a model")
    func offline() async throws {
        let rig = try await Rig()
        let gateway = rig.test.client(as: "gateway")
        for stream in [false, true] {
            let answer = try await gateway.call(chat("gpt-6-sol", stream: stream))
            let all = text(try await rest(of: answer, gateway))
            #expect(answer.headers.contains { $0.name == "x-atelier-offline" })
            #expect(all.contains("\"model\":\"mechanical-edits\""))
            #expect(!all.contains("gpt-6-sol"))
        }
    }
}
