import Contracts
import Mesh
import MeshContract
import Testing
import Testkit

@testable import ProvidersService

@Suite(
    "Answers of providers on the network",
    .enabled(if: FakeProviders.shared != nil, FakeProviders.absence), .serialized)
struct UpstreamTests {
    private static let secret = "sk-ant-very-secret-0123456789"
    private static let dialects = ["anthropic", "openai", "ollama"]
    private let fake: FakeProviders

    init() throws { fake = try #require(FakeProviders.shared) }

    private func rig(
        _ more: [String: String] = [:], key: String = UpstreamTests.secret
    ) async throws -> Rig {
        try await Rig(fake.settings(key: key, more))
    }

    private func entries(_ rig: Rig) async throws -> [Providers.UsageEntry] {
        try await rig.mesh.call(Providers.ReadUsage(after: 0, limit: 100)).entries
    }

    /// The fault of a model's answer, which must not hold the key.
    private func fault(
        _ model: String, of provider: String, _ rig: Rig, key: String = UpstreamTests.secret
    ) async throws -> Fault {
        let fault = try #require(
            try await rig.fault(request("\(provider)-\(model)", provider: provider, model: model)))
        #expect(!fault.description.contains(key))
        return fault
    }

    @Test("an answer comes with its text and the provider's figures", arguments: dialects)
    func ok(provider: String) async throws {
        let rig = try await rig()
        let info = try await rig.mesh.call(
            request("k", "one two three", provider: provider, model: "ok"))
        #expect(
            info
                == .init(
                    key: "k", attempt: 1, provider: provider, model: "ok", isOffline: false))
        let answer = try await rig.read(info)
        #expect(answer.text == "ECHO: ONE TWO THREE")
        let usage = answer.completion.usage
        #expect(answer.completion.stopReason == "end")
        #expect(!usage.isEstimated)
        #expect(usage.inputTokens == 7, "three words, and four of the system's")
        #expect(usage.outputTokens == 4)
        #expect(usage.costMicroUSD == (provider == "ollama" ? 0 : nil))
        let entry = try #require(try await entries(rig).first)
        #expect(entry.outcome == "completed" && entry.usage == usage && !entry.isOffline)
    }

    @Test("text beyond ASCII arrives whole however it was cut", arguments: dialects)
    func unicode(provider: String) async throws {
        let rig = try await rig()
        let info = try await rig.mesh.call(request("k", "x", provider: provider, model: "unicode"))
        let answer = try await rig.read(info)
        #expect(Array(answer.text.utf8) == Array("ECHO: X Grüße, 漢字 👩‍🚀 — e\u{301}".utf8))
    }

    @Test("a limit on tokens ends an answer as such", arguments: dialects)
    func length(provider: String) async throws {
        let rig = try await rig()
        var short = request("k", "one two three four", provider: provider, model: "ok")
        short.maxTokens = 2
        let answer = try await rig.read(try await rig.mesh.call(short))
        #expect(answer.completion.stopReason == "length")
    }

    @Test("a provider that refuses twice is asked a third time", arguments: dialects)
    func flaky(provider: String) async throws {
        let key = "key-of-\(provider)-flaky"
        let rig = try await rig(key: key)
        let info = try await rig.mesh.call(
            request("k", "hi", provider: provider, model: "flaky429"))
        #expect(try await rig.read(info).text == "ECHO: HI")
        #expect(try await entries(rig).count == 1)
    }

    @Test("with fewer tries than refusals the answer fails as limited, and costs nothing")
    func flakyGivenUp() async throws {
        let key = "key-of-the-one-given-up"
        let rig = try await rig(["LLM_TRIES": "2"], key: key)
        let fault = try await fault("flaky429", of: "openai", rig, key: key)
        #expect(fault.code == .limited)
        let usage = try #require(try await entries(rig).first?.usage)
        #expect(usage.inputTokens == 0 && usage.outputTokens == 0)
    }

    @Test("a Retry-After past the time there is ends the answer at once", arguments: dialects)
    func limited(provider: String) async throws {
        let rig = try await rig(["LLM_TIMEOUT_MS": "900"])
        let fault = try await fault("err429", of: provider, rig)
        #expect(fault.code == .limited)
        #expect(fault.retryAfterMilliseconds == 1_000)
        #expect(fault.detail == "429: too many requests, as asked")
    }

    @Test("a provider's failure is told in its own words", arguments: dialects)
    func failing(provider: String) async throws {
        let rig = try await rig(["LLM_TRIES": "1"])
        let fault = try await fault("err500", of: provider, rig)
        #expect(fault.code == .upstream)
        #expect(fault.message == "\(provider) failed")
        #expect(fault.detail == "500: the fake has failed, as asked")
        #expect(try await entries(rig).map(\.outcome) == ["failed"])
    }

    @Test("what is not the dialect is a failure, and is not asked for again", arguments: dialects)
    func garbage(provider: String) async throws {
        let rig = try await rig()
        let fault = try await fault("garbage", of: provider, rig)
        #expect(fault.code == .upstream)
        #expect(fault.message == "\(provider) sent what is not its dialect")
    }

    @Test("an answer that is cut off is never a success", arguments: dialects, ["half", "cut"])
    func truncated(provider: String, model: String) async throws {
        let rig = try await rig()
        let prompt = "one two three four five six seven eight nine ten eleven twelve"
        let info = try await rig.mesh.call(
            request("k", prompt, provider: provider, model: model))
        let piece = try await rig.mesh.call(
            Providers.ReadStream(key: "k", attempt: 1, offset: 0, waitMilliseconds: 5_000))
        #expect(piece.text.hasPrefix("ECHO:"), "what came is readable")
        let fault = try #require(
            try await rig.fault(
                request("k", prompt, provider: provider, model: model)))
        #expect(fault.code == .upstream)
        #expect(fault.message == "\(info.provider) ended the stream before the answer")
        let usage = try #require(try await entries(rig).first?.usage)
        #expect(usage.isEstimated && usage.inputTokens > 0 && usage.outputTokens > 0)
    }

    @Test("an error within the stream fails the answer in its words", arguments: dialects)
    func lateError(provider: String) async throws {
        let rig = try await rig()
        var asked = request("k", "one two three four five", provider: provider)
        asked.model = "late_error"
        let fault = try #require(try await rig.fault(asked))
        #expect(fault.code == .upstream)
        #expect(fault.detail == "overloaded half-way, as asked")
    }

    @Test("spent quota and a wrong key are told as such")
    func refusals() async throws {
        let rig = try await rig()
        let quota = try await fault("quota", of: "openai", rig)
        #expect(quota.message == "openai says that nothing is left to spend")
        let wrong = try await self.rig(key: "bad")
        let key = try #require(
            try await wrong.fault(request("k", provider: "anthropic", model: "ok")))
        #expect(key.message == "anthropic refuses the key")
        let model = try await fault("gpt-nothing", of: "openai", rig)
        #expect(model.message == "openai has no such model")
    }

    @Test("a provider that says nothing is given up", arguments: ["hang", "stall"])
    func silent(model: String) async throws {
        let rig = try await rig(["LLM_TIMEOUT_MS": "300"])
        let fault = try await fault(model, of: "anthropic", rig)
        #expect(fault.code == .timedOut)
        #expect(fault.message == "anthropic sent no token within 300 ms")
    }

    @Test("cancelling closes the provider's connection and counts what was used")
    func cancel() async throws {
        let rig = try await rig()
        let before = try await fake.aborted(on: rig.test.loop)
        let words = String(repeating: "word ", count: 200)
        let info = try await rig.mesh.call(
            request("k", words, provider: "anthropic", model: "slow"))
        let piece = try await rig.mesh.call(
            Providers.ReadStream(key: "k", attempt: 1, offset: 0, waitMilliseconds: 5_000))
        #expect(piece.text.hasPrefix("ECHO:"))
        _ = try await rig.mesh.call(Providers.CancelStream(key: "k"))
        await expectFault(.cancelled) { try await rig.read(info) }
        #expect(try await eventually { try await fake.aborted(on: rig.test.loop) > before })
        let entry = try #require(try await entries(rig).first)
        #expect(entry.outcome == "cancelled" && entry.usage.isEstimated)
        #expect(entry.usage.inputTokens > 200)
    }

    @Test("a place where nobody listens is told, without the key")
    func unreachable() async throws {
        let rig = try await rig(["OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "LLM_TRIES": "1"])
        let fault = try await fault("m", of: "openai", rig)
        #expect(fault.code == .upstream && fault.message == "openai cannot be reached")
        let usage = try #require(try await entries(rig).first?.usage)
        #expect(usage.inputTokens == 0)
    }

    @Test("an Ollama that is there is found by itself, with its models")
    func ollama() async throws {
        let rig = try await Rig(["OLLAMA_URL": fake.url, "OLLAMA_MODEL": "unicode"])
        let info = try await rig.mesh.call(request("k", "hi", model: "fast"))
        #expect(info.provider == "ollama" && info.model == "unicode")
        let cards = try await rig.mesh.call(Providers.ListModels()).models
        #expect(cards.filter(\.isDefault).map(\.model) == ["unicode"])
        #expect(cards.contains { $0.provider == "ollama" && $0.model == "slow" })
        #expect(cards.last?.isOffline == true)
    }

    @Test("a kept answer replays though its provider is configured no longer")
    func providerGone() async throws {
        let rig = try await rig()
        let asked = request("k", "hi", provider: "ollama", model: "ok")
        let info = try await rig.mesh.call(asked)
        let answer = try await rig.read(info)
        let second = try await SecondLife(after: rig)
        #expect(try await second.mesh.call(asked) == info)
        #expect(try await Rig.read(info, over: second.mesh).text == answer.text)
        let other = request("other", "hi", provider: "ollama", model: "ok")
        await expectFault(.invalid) { try await second.mesh.call(other) }
    }

    @Test("a resumed answer goes to the model it was first asked of")
    func sameModel() async throws {
        let rig = try await rig([
            "LLM_TRIES": "1", "LLM_PROVIDER": "ollama", "OLLAMA_MODEL": "half",
        ])
        let first = try await rig.mesh.call(request("k"))
        await expectFault(.upstream) { try await rig.read(first) }
        _ = rig.node.directory.noteOllama(["ok"])
        let second = try await rig.mesh.call(request("k"))
        #expect(second.attempt == 2 && second.provider == "ollama" && second.model == "half")
        let later = try await SecondLife(after: rig)
        await expectFault(.upstream) { try await rig.read(second) }
        let third = try await later.mesh.call(request("k"))
        #expect(third.attempt == 3 && third.isOffline, "its provider is gone: another is taken")
    }
}
