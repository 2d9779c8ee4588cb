import BillingService
import Contracts
import Database
import Durable
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import WriteStudio

@testable import OrchestratorService

@Suite("Runs", .timeLimit(.minutes(1)))
struct RunTests {
    @Test("pages list the newest first, once each")
    func paging() async throws {
        let rig = try await Rig(jobs: false)
        var ids: [String] = []
        for _ in 1...5 {
            rig.mesh.clock.advance(by: .milliseconds(1))
            ids.append(try await rig.make().run.id)
        }
        _ = try await rig.make(user: "usr_2")
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try await rig.gateway.call(
                Orchestrator.ListRuns(user: Rig.user, cursor: cursor, limit: 2))
            #expect(page.runs.count <= 2)
            seen += page.runs.map(\.id)
            cursor = page.next
        } while cursor != nil
        #expect(seen == ids.reversed())
        func list(_ studio: String?, _ state: String?) async throws -> Int {
            try await rig.gateway.call(
                Orchestrator.ListRuns(user: Rig.user, studio: studio, state: state, limit: 0)
            ).runs.count
        }
        #expect(try await list("write", "queued") == 1)
        #expect(try await list("code", nil) == 0)
        #expect(try await list(nil, "completed") == 0)
    }

    @Test("somebody else's run is as good as absent, to every method")
    func foreign() async throws {
        let rig = try await Rig(jobs: false)
        let id = try await rig.make().run.id
        let other = "usr_2"
        func refused<M: MeshMethod>(_ request: M) async throws {
            let fault = try await refusal { try await rig.gateway.call(request) }
            #expect(fault.code == .notFound, "\(M.name)")
            #expect(fault.message == "no run \(id)", "\(M.name)")
        }
        try await refused(Orchestrator.GetRun(user: other, id: id))
        try await refused(Orchestrator.GetSession(user: other, id: id))
        try await refused(Orchestrator.StartSession(user: other, id: id))
        try await refused(Orchestrator.PauseRun(user: other, id: id))
        try await refused(Orchestrator.ResumeRun(user: other, id: id))
        try await refused(Orchestrator.CancelRun(user: other, id: id))
        try await refused(Orchestrator.ListEvents(user: other, run: id, after: 0, limit: 1))
        try await refused(
            Orchestrator.Follow(user: other, run: id, after: 0, marks: [], waitMilliseconds: 0))
        #expect(try await rig.run(id).state == "queued")
    }

    @Test("everybody's runs are for an administrator and the gateway alone")
    func everybody() async throws {
        let rig = try await Rig(jobs: false)
        _ = try await rig.make()
        _ = try await rig.make(user: "usr_2")
        for caller in ["admin", "gateway"] {
            let mesh = rig.mesh.client(as: caller)
            #expect(
                try await mesh.call(Orchestrator.ListRuns(user: nil, limit: 9)).runs.count == 2)
            #expect(
                try await mesh.call(Orchestrator.GetStats()).states
                    == [.init(state: "queued", count: 2)])
        }
        let other = rig.mesh.client(as: "sandbox")
        for fault in [
            try await refusal { try await other.call(Orchestrator.ListRuns(user: nil, limit: 9)) },
            try await refusal { try await other.call(Orchestrator.GetStats()) },
        ] { #expect(fault.code == .denied) }
        let mine = try await other.call(Orchestrator.GetStats(user: Rig.user))
        #expect(mine.states == [.init(state: "queued", count: 1)])
    }

    @Test("a user has so many runs open, and no more")
    func cap() async throws {
        let rig = try await Rig(jobs: false, environment: ["ATELIER_RUNS_PER_USER": "2"])
        let first = try await rig.make(key: "k")
        _ = try await rig.make()
        let fault = try await refusal { try await rig.make() }
        #expect(fault.code == .capped)
        #expect(fault.message.contains("2"))
        // Asked again with its key, a run that there is counts as itself.
        #expect(try await rig.make(key: "k").run.id == first.run.id)
        _ = try await rig.make(user: "usr_2")
        _ = try await rig.gateway.call(
            Orchestrator.CancelRun(user: Rig.user, id: first.run.id))
        _ = try await rig.make()
    }

    @Test("a run that was not started is cancelled for good")
    func cancelQueued() async throws {
        let rig = try await Rig()
        let id = try await rig.make().run.id
        let cancel = Orchestrator.CancelRun(user: Rig.user, id: id)
        let run = try await rig.gateway.call(cancel)
        #expect(run.state == "cancelled")
        #expect(run.endedAt != nil)
        #expect(try await rig.gateway.call(cancel).state == "cancelled")
        let shown = try await rig.gateway.call(
            Orchestrator.StartSession(user: Rig.user, id: id))
        #expect(shown.run.state == "cancelled")
        let news = try await rig.gateway.call(
            Orchestrator.Follow(
                user: Rig.user, run: id, after: 0, marks: [], waitMilliseconds: 20_000))
        #expect(news.isEnded)
        #expect(try await rig.events(id).isEmpty)
    }

    @Test("a start that comes too late for a cancelled run begins nothing")
    func lateStart() async throws {
        let rig = try await Rig()
        let id = try await rig.make().run.id
        _ = try await rig.gateway.call(Orchestrator.CancelRun(user: Rig.user, id: id))
        // As after a read that still saw it queued.
        let input = try SessionRequest(Rig.request()).input()
        let fault = try await refusal { try await rig.node.begin(input, id: id) }
        #expect(fault.code == .conflict)
        #expect(try await rig.run(id).state == "cancelled")
        #expect(try await rig.node.engine.status(id) == nil)
    }

    @Test("a run pauses, resumes and is cancelled, each where its state allows it")
    func control() async throws {
        let rig = try await Rig()
        let id = try await rig.make().run.id
        let (pause, resume, cancel) = (
            Orchestrator.PauseRun(user: Rig.user, id: id),
            Orchestrator.ResumeRun(user: Rig.user, id: id),
            Orchestrator.CancelRun(user: Rig.user, id: id)
        )
        #expect(try await refusal { try await rig.gateway.call(pause) }.code == .conflict)
        #expect(try await refusal { try await rig.gateway.call(resume) }.code == .conflict)
        rig.providers.release(1)
        _ = try await rig.gateway.call(Orchestrator.StartSession(user: Rig.user, id: id))
        #expect(await soon { rig.providers.reads > 1 })
        #expect(try await rig.gateway.call(resume).state == "running")
        _ = try await rig.gateway.call(pause)
        // Its step is not over. To resume it now would be forgotten when it pauses.
        #expect(try await rig.gateway.call(pause).state == "running")
        #expect(try await refusal { try await rig.gateway.call(resume) }.code == .conflict)
        rig.providers.release(nil)
        try await rig.until(id, "paused")
        #expect(try await rig.gateway.call(pause).state == "paused")
        rig.providers.release(1)
        #expect(try await rig.gateway.call(resume).state == "running")
        #expect(await soon { rig.providers.asked.count == 2 })
        _ = try await rig.gateway.call(cancel)
        let run = try await rig.until(id, "cancelled")
        #expect(run.cost == 100)
        #expect(run.currentStep == nil)
        #expect(try await rig.gateway.call(cancel).state == "cancelled")
        for fault in [
            try await refusal { try await rig.gateway.call(pause) },
            try await refusal { try await rig.gateway.call(resume) },
        ] { #expect(fault.code == .conflict) }
        #expect(try await rig.held() == 0)
    }

    @Test("cancelled where a person was needed, it frees its hold all the same")
    func cancelAttention() async throws {
        let rig = try await Rig()
        rig.providers.release(1)
        let id = try await rig.make(start: true).run.id
        #expect(await soon { rig.providers.reads > 1 })
        _ = try await rig.gateway.call(Orchestrator.PauseRun(user: Rig.user, id: id))
        rig.providers.release(nil)
        try await rig.until(id, "paused")
        #expect(try await rig.held() == 100)
        // As an engine leaves it whose journal does not fit its code.
        try await rig.node.store.database.transaction { db in
            try db.run("UPDATE durable_run SET state = 'attention' WHERE key = $1", id)
            try db.run("UPDATE run SET state = 'needs_attention' WHERE id = $1", id)
        }
        let run = try await rig.gateway.call(Orchestrator.CancelRun(user: Rig.user, id: id))
        #expect(run.state == "cancelled")
        #expect(run.cost == 100)
        #expect(try await rig.held() == 0)
    }

    @Test("what has completed cannot be cancelled")
    func cancelCompleted() async throws {
        let rig = try await Rig()
        let id = try await rig.make(start: true).run.id
        try await rig.until(id, "completed")
        let fault = try await refusal {
            try await rig.gateway.call(Orchestrator.CancelRun(user: Rig.user, id: id))
        }
        #expect(fault.code == .conflict)
        #expect(fault.message.contains("completed"))
        #expect(try await rig.run(id).state == "completed")
    }

    @Test("progress is in turns, and whole when fewer rounds were needed")
    func progress() async throws {
        let rig = try await Rig()
        rig.providers.answer { request, _ in
            request.agent == "Writer" ? .init(["A draft."]) : .init(["Score: 5/10"])
        }
        rig.providers.release(0)
        let id = try await rig.make(rounds: 5, start: true).run.id
        #expect(try await soon { try await rig.run(id).currentStep == "round 1: Writer" })
        #expect(try await rig.run(id).progress == 0)
        rig.providers.release(nil)
        let run = try await rig.until(id, "completed")
        #expect(run.progress == 1)
        #expect(run.stopReason == "no_change")
        #expect(run.cost == 200)
    }
}
