import StackDriver
import Testing
import Wire

extension WholeSystem {
    /// Real adapters against a fake that the official SDKs accept: what works, and what each failure
    /// tells the user.
    @Suite("Providers", .serialized)
    struct ProviderTests {
        let client: StackClient

        init() async throws { client = try await StackClient(SharedStack.stack) }

        private func run(_ provider: String, _ model: String) async throws -> WireValue {
            let agents: WireValue = .array([
                [
                    "name": "Writer", "role": "writer", "provider": .text(provider),
                    "model": .text(model),
                ],
                ["name": "Editor", "role": "editor", "provider": "offline"],
            ])
            let draft = "The quick brown fox jumps over the lazy dog, and nobody minds."
            let id = try await client.startSession(draft: draft, rounds: 2, agents: agents)
            _ = try await client.watch(id)
            return try await client.send("GET", "/api/v1/sessions/\(id)")
        }

        @Test(
            "a model behind each dialect writes, and its tokens are counted",
            arguments: ["anthropic", "openai", "ollama"])
        func works(provider: String) async throws {
            let session = try await run(provider, "ok")
            #expect(session["state"]?.text == "completed", "\(session)")
            let turn = try #require(session["rounds"]?[0]?["turns"]?[0])
            #expect(turn["provider"]?.text == provider)
            #expect(turn["offline"] == .bool(false))
            #expect(turn["estimated"] == .bool(false))
            #expect((turn["output_tokens"]?.number ?? 0) > 0)
            #expect(turn["text"]?.text?.contains("QUICK BROWN FOX") == true)
        }

        @Test("a provider that refuses twice and then answers is waited for")
        func flaky() async throws {
            #expect(try await run("openai", "flaky429")["state"]?.text == "completed")
        }

        @Test(
            "a provider's failure fails the run with its reason, and the document is kept",
            arguments: [
                ("err429", "limited"), ("err500", "upstream"), ("garbage", "upstream"),
                ("half", "upstream"), ("quota", "upstream"), ("stall", "timed-out"),
            ])
        func fails(model: String, code: String) async throws {
            let session = try await run("openai", model)
            #expect(session["state"]?.text == "failed", "\(model): \(session)")
            #expect(session["stop_reason"]?.text == code)
            #expect(
                session["error"]?.text?.contains("openai") == true, "\(session["error"] ?? .null)")
            #expect(session["document"]?.text?.contains("quick brown fox") == true)
            #expect("\(session)".contains("sk-test") == false)
            let status = try await client.send("GET", "/api/v1/billing/status")
            #expect(status["credits"]?["held"]?.number == 0)
        }
    }
}
