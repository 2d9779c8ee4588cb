import Contracts
import Dialects
import Mesh
import MeshContract
import Routing
import Synchronization
import Testing
import Testkit

@testable import ProvidersService

/// Says how often it was asked.
private final class Counting: Asking, Sendable {
    private let asked = Mutex(0)

    func ask(_ ask: Ask, tally: Tally, hear: Hear) async throws {
        let count = asked.withLock { asked in
            asked += 1
            return asked
        }
        let events: [ModelEvent] = [
            .open(0, .plain("")), .text(0, "Answer \(count)."), .stop(Stop(.end)),
        ]
        let line = tally.open(.init(provider: "anthropic", model: "claude-sonnet-4-5"))
        line.take(events)
        try await hear(events)
    }

    func embed(_ ask: EmbeddingAsk, tally: Tally) async throws -> EmbeddingAnswer {
        throw Fault(.invalid, "not here")
    }

    func count(_ ask: Ask) async throws -> TokenUsage { TokenUsage() }
}

@Suite("Kept answers of providers that a user alone has a key of")
struct KeptOwnTests {
    private struct World {
        let rig: Rig
        let kept: KeptAsking

        init() async throws {
            rig = try await Rig()
            kept = KeptAsking(
                asking: Counting(), directory: rig.node.directory, keys: rig.node.keys,
                kept: KeptAnswers(.init(time: .seconds(60), bytes: 1 << 20)))
            _ = try await put()
        }

        func put(
            _ key: String = "sk-own-very-secret-0123456789"
        ) async throws -> Providers.ProviderKeyCard {
            try await rig.test.client(as: "gateway").call(
                Providers.PutProviderKey(user: "user_1", provider: "anthropic", key: key))
        }

        func ask(
            _ text: String = "Hi", user: String = "user_1", key: String? = "k",
            model: String = "anthropic/claude-sonnet-4-5", temperature: Double? = nil
        ) async throws -> String {
            var sampling = Sampling()
            sampling.temperature = temperature
            let heard = Mutex(AnswerBuilder())
            try await kept.ask(
                Ask(
                    request: ModelRequest(
                        model: model, messages: [.init(.user, text)], sampling: sampling),
                    model: model, dialect: .anthropic, caller: .init(user: user), key: key),
                tally: Tally()
            ) { events in heard.withLock { $0.add(events) } }
            return heard.withLock { $0.answer.text }
        }
    }

    @Test("the same key gets the same answer, also after the provider's key was changed")
    func keyed() async throws {
        let world = try await World()
        #expect(try await world.ask() == "Answer 1.")
        #expect(try await world.ask() == "Answer 1.")
        _ = try await world.put("sk-another-secret-9876543210")
        #expect(try await world.ask() == "Answer 1.")
        await expectFault(.conflict) { try await world.ask("Another question") }
        #expect(try await world.ask(key: "k2") == "Answer 2.")
    }

    @Test("the same question without chance is answered from the cache")
    func cached() async throws {
        let world = try await World()
        #expect(try await world.ask(key: nil, temperature: 0) == "Answer 1.")
        #expect(try await world.ask(key: nil, temperature: 0) == "Answer 1.")
        #expect(try await world.ask(key: nil, temperature: 1) == "Answer 2.")
    }

    @Test("who has no key of the provider is kept nothing of it")
    func others() async throws {
        let world = try await World()
        #expect(try await world.ask(user: "user_2") == "Answer 1.")
        #expect(try await world.ask(user: "user_2") == "Answer 2.")
    }

    @Test("outside clients name such a provider before the model, or the model alone")
    func names() async throws {
        let directory = try await World().rig.node.directory
        func choose(_ model: String?, _ own: Set<String>) throws -> String {
            let choice = try directory.choose(provider: nil, model: model, own: own)
            return "\(choice.provider) \(choice.model)"
        }
        #expect(try choose("anthropic/claude-x", ["anthropic"]) == "anthropic claude-x")
        #expect(try choose("gemini/gemini-2.5-pro", ["gemini"]) == "gemini gemini-2.5-pro")
        #expect(try choose("claude-sonnet-4-5", ["anthropic"]) == "anthropic claude-sonnet-4-5")
        #expect(try choose("strong", ["anthropic"]) == "offline mechanical-edits")
        #expect(try choose(nil, ["anthropic"]) == "offline mechanical-edits")
        #expect(throws: Fault.self) { try choose("anthropic/claude-x", ["gemini"]) }
    }
}
