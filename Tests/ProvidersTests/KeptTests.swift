import Contracts
import Dialects
import EventLoop
import MeshContract
import Synchronization
import Testing

@testable import ProvidersService

@Suite("Answers kept for the same question")
struct KeptTests {
    private static let cached = #"{"cache": {"ttl_seconds": 60}}"#

    /// Asks as an outside client does, and answers with the text.
    private func ask(
        _ rig: RoutedRig, _ text: String = "Hi", user: String = "u", key: String? = nil,
        temperature: Double? = 0, isStreamed: Bool = true, in tally: Tally = Tally()
    ) async throws -> String {
        var sampling = Sampling()
        sampling.temperature = temperature
        let request = ModelRequest(
            model: "gpt-4o", messages: [.init(.user, text)], sampling: sampling,
            isStreamed: isStreamed)
        let heard = Mutex(AnswerBuilder())
        try await rig.rig.node.asking.ask(
            Ask(
                request: request, model: "gpt-4o", dialect: .openai, caller: .init(user: user),
                key: key), tally: tally
        ) { events in heard.withLock { $0.add(events) } }
        return heard.withLock { $0.answer.text }
    }

    private func rig(_ routes: String? = nil) async throws -> RoutedRig {
        try await RoutedRig(keys: "k1", routes: routes) { _, count in .says("Answer \(count).") }
    }

    @Test("the same question of the same user is answered from memory, and costs nothing")
    func same() async throws {
        let rig = try await rig(Self.cached)
        #expect(try await ask(rig) == "Answer 1.")
        let tally = Tally()
        #expect(try await ask(rig, in: tally) == "Answer 1.")
        let line = try #require(tally.last)
        #expect(line.choice.model == "gpt-4o")
        let request = ModelRequest(model: "gpt-4o", messages: [.init(.user, "Hi")])
        #expect(line.usage(of: request) == TokenUsage())
        #expect(rig.provider.questions.count == 1)
    }

    @Test("another question, another user, and one that wants chance are asked")
    func others() async throws {
        let rig = try await rig(Self.cached)
        #expect(try await ask(rig) == "Answer 1.")
        #expect(try await ask(rig, "Ho") == "Answer 2.")
        #expect(try await ask(rig, user: "v") == "Answer 3.")
        #expect(try await ask(rig, temperature: 0.7) == "Answer 4.")
        #expect(try await ask(rig, temperature: 0.7) == "Answer 5.")
    }

    @Test("without a word of the operator nothing is kept")
    func optIn() async throws {
        let rig = try await rig()
        #expect(try await ask(rig) == "Answer 1.")
        #expect(try await ask(rig) == "Answer 2.")
    }

    @Test("under the same key the same answer comes, and another question is a conflict")
    func keyed() async throws {
        let rig = try await rig()
        #expect(try await ask(rig, key: "k") == "Answer 1.")
        #expect(try await ask(rig, key: "k") == "Answer 1.")
        #expect(try await ask(rig, user: "v", key: "k") == "Answer 2.")
        await expectFault(.conflict) { try await ask(rig, "Other", key: "k") }
    }

    @Test("while the first is answered, the second with its key is told to come again")
    func under() async throws {
        let (latch, arrived) = (Latch(), Latch())
        let rig = try await RoutedRig(keys: "k1") { _, _ in
            arrived.open()
            return .waitsFor(latch, "Late.")
        }
        async let first = ask(rig, key: "k")
        await arrived.wait()
        await expectFault(.conflict) { try await ask(rig, key: "k") }
        latch.open()
        #expect(try await first == "Late.")
        #expect(try await ask(rig, key: "k") == "Late.")
    }

    @Test("what failed is not kept")
    func failed() async throws {
        let rig = try await RoutedRig(keys: "k1", routes: Self.cached) { _, count in
            count == 1 ? .refuses(400) : .says("Better.")
        }
        await #expect(throws: UpstreamFailure.self) { try await ask(rig, key: "k") }
        #expect(try await ask(rig, key: "k") == "Better.")
    }
}
