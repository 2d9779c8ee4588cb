import Contracts
import Mesh
import MeshContract
import Testing
import Testkit

@Suite("Answers of the built-in provider")
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
}
