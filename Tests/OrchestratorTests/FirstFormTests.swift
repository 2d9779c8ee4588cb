import Contracts
import Durable
import Fakes
import Mesh
import MeshContract
import Refinement
import Testing
import Testkit
import Wire
import WriteStudio

@testable import OrchestratorService

@Suite("Sessions that began under the first form", .timeLimit(.minutes(1)))
struct FirstFormTests {
    /// A session as an earlier version kept it, begun or not.
    private func keep(_ rig: Rig, begin: Bool) async throws -> String {
        let plan = SessionPlan(
            title: "Old",
            agents: [("Writer", Role.writer), ("Critic", .critic)].map {
                Agent(name: $0.0, role: $0.1, model: "m", instructions: "")
            }, maxRounds: 2)
        let input = SessionInput1(
            user: Rig.user, plan: plan, draft: "A draft.",
            references: [Material(name: "a.md", text: "Notes.")])
        let run = Orchestrator.Run(
            id: "run_old", user: Rig.user, studio: "write", title: "Old", state: "queued",
            progress: 0, currentStep: nil, error: nil, stopReason: nil, createdAt: 1,
            startedAt: nil, endedAt: nil, cost: 0, lastSeq: 0)
        _ = try await rig.node.store.insert(
            run, request: try WireEncoder.canonical(input), turns: 4, key: nil, atMost: 100)
        if begin { try await rig.node.engine.start(RefineWorkflow1.self, input, id: run.id) }
        return run.id
    }

    @Test("they run to their end, are shown, exported and continued, and are not edited")
    func begun() async throws {
        let rig = try await Rig()
        let id = try await keep(rig, begin: true)
        try await rig.until(id, "completed")
        let session = try await rig.session(id)
        #expect(session.document == "Text by the writer")
        #expect(
            session.rounds.map { $0.turns.map(\.agent) }
                == [["Writer", "Critic"], ["Writer", "Critic"]])
        #expect(session.score == 7 && session.bestRound == 2 && session.maxRounds == 2)
        #expect(session.references.map(\.name) == ["a.md"])
        let diff = try await rig.gateway.call(
            Orchestrator.DiffSession(user: Rig.user, id: id, from: 0, to: 1))
        #expect(diff.unified.contains("+Text by the writer"))
        let fault = try await refusal {
            try await rig.gateway.call(
                Orchestrator.EditDocument(user: Rig.user, id: id, document: "x"))
        }
        #expect(fault.code == .conflict)
        let next = try await rig.gateway.call(
            Orchestrator.ContinueSession(user: Rig.user, id: id))
        try await rig.until(next.run.id, "completed")
        #expect(try await rig.node.engine.status(next.run.id)?.version == 2)
    }

    @Test("one that was made and not started begins under the present form")
    func queued() async throws {
        let rig = try await Rig()
        let id = try await keep(rig, begin: false)
        #expect(try await rig.session(id).document == "A draft.")
        _ = try await rig.gateway.call(Orchestrator.StartSession(user: Rig.user, id: id))
        try await rig.until(id, "completed")
        #expect(try await rig.node.engine.status(id)?.version == 2)
    }
}
