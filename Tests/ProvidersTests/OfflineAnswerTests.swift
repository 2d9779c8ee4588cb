import Contracts
import Mesh
import MeshContract
import Testing
import Testkit

@testable import ProvidersService

@Suite("Answers by key")
struct OfflineAnswerTests {
    @Test("an answer is labelled as offline, costs nothing and replays by its key")
    func replay() async throws {
        let rig = try await Rig()
        let first = try await rig.mesh.call(request("k", revision(of: "It is very very good.")))
        #expect(first.isOffline)
        #expect(first.provider == "offline")
        #expect(first.model == "mechanical-edits")
        #expect(first.attempt == 1)
        let answer = try await rig.read(first)
        #expect(!answer.text.isEmpty)
        #expect(answer.completion.stopReason == "end")
        #expect(answer.completion.usage.costMicroUSD == 0)
        #expect(answer.completion.usage.isEstimated)
        let second = try await rig.mesh.call(request("k", revision(of: "It is very very good.")))
        #expect(second == first)
        let again = try await rig.read(second)
        #expect(again.text == answer.text)
        #expect(again.completion == answer.completion)
        let log = try await rig.mesh.call(Providers.ReadUsage(after: 0, limit: 10))
        #expect(log.entries.count == 1, "what is replayed is not counted twice")
    }

    @Test("a kept answer is read from the file by a later process")
    func replayFromFile() async throws {
        let rig = try await Rig()
        let prompt = revision(of: "Grüße, 漢字 👩‍🚀: it is very very good.")
        let first = try await rig.mesh.call(request("k", prompt))
        let answer = try await rig.read(first)
        let second = try await SecondLife(after: rig)
        #expect(try await second.mesh.call(request("k", prompt)) == first)
        let again = try await Rig.read(first, over: second.mesh)
        #expect(again.text == answer.text)
        #expect(again.completion == answer.completion)
    }

    @Test("calls with one key at the same moment join one answer")
    func joining() async throws {
        let rig = try await Rig()
        let infos = try await withThrowingTaskGroup(of: Providers.StreamInfo.self) { group in
            for _ in 0..<20 { group.addTask { try await rig.mesh.call(request("k")) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(infos.count == 20)
        #expect(infos.allSatisfy { $0 == infos[0] && $0.attempt == 1 })
        let texts = try await [rig.read(infos[0]).text, rig.read(infos[19]).text]
        #expect(texts[0] == texts[1])
        let log = try await rig.mesh.call(Providers.ReadUsage(after: 0, limit: 10))
        #expect(log.entries.count == 1)
    }

    @Test("a key that was used for another request is a conflict, while it is written and after")
    func conflict() async throws {
        let rig = try await Rig(["OLLAMA_URL": "off", "ATELIER_OFFLINE_PACE_US": "1000000"])
        _ = try await rig.mesh.call(request("k"))
        await expectFault(.conflict) { try await rig.mesh.call(request("k", "Other.")) }
        _ = try await rig.mesh.call(Providers.CancelStream(key: "k"))
        await expectFault(.conflict) { try await rig.mesh.call(request("k", "Other.")) }
    }

    @Test("nothing and an empty name for provider and model mean the same")
    func emptyNames() async throws {
        let rig = try await Rig()
        let first = try await rig.mesh.call(request("k", provider: "", model: ""))
        #expect(try await rig.mesh.call(request("k")) == first)
    }

    @Test("a request that no provider would take is refused with its fields")
    func refusals() async throws {
        let rig = try await Rig()
        var bad = request("")
        bad.messages = [.init(role: "system", content: "x")]
        (bad.maxTokens, bad.temperature) = (0, .nan)
        do {
            _ = try await rig.mesh.call(bad)
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .invalid)
            #expect(
                error.fields?.map(\.pointer)
                    == ["/key", "/messages/0/role", "/maxTokens", "/temperature"])
        }
        await expectFault(.invalid) {
            try await rig.mesh.call(request("k", provider: "gemini"))
        }
        await expectFault(.invalid) {
            try await rig.mesh.call(request("k", provider: "anthropic"))
        }
    }

    @Test("the usage log counts on from one, and is read after any number")
    func usageLog() async throws {
        let rig = try await Rig()
        for number in 1...3 {
            _ = try await rig.read(
                try await rig.mesh.call(request("k\(number)", run: "r\(number)")))
        }
        let log = try await rig.mesh.call(Providers.ReadUsage(after: 0, limit: 100))
        #expect(log.entries.map(\.seq) == [1, 2, 3])
        #expect(log.entries.map(\.run) == ["r1", "r2", "r3"])
        #expect(log.entries.allSatisfy { $0.outcome == "completed" && $0.isOffline })
        #expect(log.entries.allSatisfy { $0.user == "user_1" && $0.agent == "writer" })
        let rest = try await rig.mesh.call(Providers.ReadUsage(after: 1, limit: 1))
        #expect(rest.entries.map(\.seq) == [2])
    }

    @Test("old answers lose their text and are begun again; what they cost stays")
    func retention() async throws {
        let rig = try await Rig()
        let first = try await rig.mesh.call(request("k"))
        _ = try await rig.read(first)
        #expect(try await rig.node.retention.sweep() == 0)
        rig.test.clock.advance(by: .seconds(31 * 86_400))
        #expect(try await rig.node.retention.sweep() == 1)
        let second = try await SecondLife(after: rig)
        await expectFault(.notFound) { try await Rig.read(first, over: second.mesh) }
        #expect(try await second.mesh.call(request("k")).attempt == 2)
        let log = try await second.mesh.call(Providers.ReadUsage(after: 0, limit: 1))
        #expect(log.entries.count == 1)
    }

    @Test("past the limit of answers at once, the next is refused at once and leaves no trace")
    func overload() async throws {
        let rig = try await Rig([
            "OLLAMA_URL": "off", "ATELIER_OFFLINE_PACE_US": "1000000", "LLM_STREAMS": "2",
        ])
        _ = try await rig.mesh.call(request("a"))
        _ = try await rig.mesh.call(request("b"))
        await expectFault(.overloaded) { try await rig.mesh.call(request("c")) }
        #expect(try await rig.mesh.call(request("a")).attempt == 1, "joining needs no place")
        _ = try await rig.mesh.call(Providers.CancelStream(key: "a"))
        #expect(try await rig.mesh.call(request("c")).attempt == 1)
    }
}
