import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit

@testable import OrchestratorService

@Suite("Sessions", .timeLimit(.minutes(1)))
struct SessionTests {
    @Test("a session that is made waits to be started, and ends with its document")
    func whole() async throws {
        let rig = try await Rig()
        let made = try await rig.make(rounds: 2)
        #expect(made.run.state == "queued")
        #expect(made.run.progress == 0)
        #expect(made.document == "A draft.")
        #expect(made.rounds.isEmpty)
        #expect(rig.providers.asked.isEmpty)
        let id = made.run.id
        let begun = try await rig.gateway.call(
            Orchestrator.StartSession(user: Rig.user, id: id))
        #expect(begun.run.state == "running")
        let run = try await rig.until(id, "completed")
        // The second round leaves the text as it is, so there is no third.
        #expect(run.progress == 1)
        #expect(run.stopReason == "max_rounds")
        #expect(run.error == nil && run.currentStep == nil)
        #expect(run.cost == 400)
        #expect(run.startedAt != nil && run.endedAt != nil)
        let events = try await rig.events(id)
        #expect(events.map(\.seq) == (1...Int64(events.count)).map { $0 })
        #expect(run.lastSeq == Int64(events.count))
        #expect(events.filter { $0.type == "turn.completed" }.allSatisfy { $0.step != nil })
        let session = try await rig.session(id)
        #expect(session.document == "Text by the writer")
        #expect(session.score == 7)
        #expect(session.rounds.map(\.number) == [1, 2])
        #expect(session.rounds[0].criteria == [.init(name: "wit", score: 7)])
        #expect(session.rounds[0].turns.map(\.agent) == ["Writer", "Critic"])
        #expect(session.rounds[0].turns.map(\.cost) == [100, 100])
        #expect(try await rig.held() == 0)
    }

    @Test("it can be started as it is made, and starting twice begins it once")
    func startedAtOnce() async throws {
        let rig = try await Rig()
        rig.providers.release(0)
        let id = try await rig.make(start: true).run.id
        #expect(try await rig.run(id).state == "running")
        let again = try await rig.gateway.call(
            Orchestrator.StartSession(user: Rig.user, id: id))
        #expect(again.run.state == "running")
        rig.providers.release(nil)
        try await rig.until(id, "completed")
        #expect(try await rig.events(id).count { $0.type == "run.started" } == 1)
        #expect(
            try await rig.gateway.call(Orchestrator.StartSession(user: Rig.user, id: id)).run.state
                == "completed")
    }

    @Test("one key makes one session, and refuses another request")
    func keys() async throws {
        let rig = try await Rig()
        let first = try await rig.make(key: "k")
        #expect(try await rig.make(key: "k").run.id == first.run.id)
        #expect(try await rig.make().run.id != first.run.id)
        #expect(try await rig.make(user: "usr_2", key: "k").run.id != first.run.id)
        let fault = try await refusal { try await rig.make(key: "k", draft: "Other.") }
        #expect(fault.code == .conflict)
        let started = try await rig.make(start: true, key: "k")
        #expect(started.run.id == first.run.id)
        try await rig.until(first.run.id, "completed")
    }

    @Test("without credits it is not begun, and can be later")
    func noCredits() async throws {
        let rig = try await Rig()
        let orchestrator = rig.mesh.client(as: "orchestrator")
        _ = try await orchestrator.call(
            Billing.Hold(account: Rig.user, run: "other", amount: 99_900))
        let id = try await rig.make().run.id
        let start = Orchestrator.StartSession(user: Rig.user, id: id)
        let fault = try await refusal { try await rig.gateway.call(start) }
        #expect(fault.code == .noCredits)
        #expect(fault.message.contains("0.2"))
        #expect(try await rig.run(id).state == "queued")
        _ = try await orchestrator.call(Billing.Release(run: "other"))
        _ = try await rig.gateway.call(start)
        try await rig.until(id, "completed")
    }

    @Test("where billing is away at the start, the run waits for it")
    func billingAway() async throws {
        let rig = try await Rig(billing: false)
        let id = try await rig.make(start: true).run.id
        #expect(try await rig.run(id).state == "running")
        #expect(rig.providers.asked.isEmpty)
        try await rig.startBilling()
        try await rig.until(id, "completed")
    }

    @Test("credits used up are told, with the text so far and what it has cost")
    func usedUp() async throws {
        let rig = try await Rig()
        rig.providers.answer { request, _ in
            request.agent == "Writer"
                ? .init(["Text"]) : .init(["Score: 5/10"], costMicroUSD: 9_999_999)
        }
        let id = try await rig.make(start: true).run.id
        let run = try await rig.until(id, "failed")
        #expect(run.stopReason == "no-credits")
        #expect(run.error?.contains("credits") == true)
        #expect(run.cost == 100_000)
        #expect(run.progress == 0.5)
        let session = try await rig.session(id)
        #expect(session.document == "Text")
        #expect(session.roundsCompleted == 0)
        #expect(session.rounds.map { $0.turns.count } == [1])
        #expect(try await rig.held() == 0)
    }

    @Test("bad input names its fields and makes nothing")
    func invalid() async throws {
        let rig = try await Rig()
        var request = Rig.request(rounds: 99)
        request.preset = "nothing"
        let fault = try await refusal { try await rig.gateway.call(request) }
        #expect(fault.code == .invalid)
        #expect(fault.fields?.map(\.pointer) == ["/preset", "/max_rounds"])
        let page = try await rig.gateway.call(
            Orchestrator.ListRuns(user: Rig.user, limit: 10))
        #expect(page.runs.isEmpty)
    }

    @Test("only the gateway makes sessions")
    func callers() async throws {
        let rig = try await Rig()
        let fault = try await refusal {
            try await rig.mesh.client(as: "sandbox").call(Rig.request())
        }
        #expect(fault.code == .denied)
    }

    @Test("the presets are complete")
    func presets() async throws {
        let rig = try await Rig(jobs: false)
        let presets = try await rig.gateway.call(Orchestrator.ListPresets()).presets
        #expect(presets.count == 5)
        for preset in presets {
            var request = Rig.request()
            (request.agents, request.preset, request.criteria) = (nil, preset.id, nil)
            let session = try await rig.gateway.call(request)
            #expect(session.agents == preset.agents)
        }
    }
}
