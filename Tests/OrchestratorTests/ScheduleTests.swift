import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit

@testable import OrchestratorService

@Suite("Schedules", .timeLimit(.minutes(1)))
struct ScheduleTests {
    private static let quick = ["ATELIER_SCHEDULE_MILLISECONDS": "2"]

    private func make(
        _ rig: Rig, cron: String = "0 * * * *", zone: String? = nil, overlap: String? = nil,
        key: String? = nil, draft: String = "A draft."
    ) async throws -> Orchestrator.Schedule {
        try await rig.gateway.call(
            Orchestrator.CreateSchedule(
                user: Rig.user, cron: cron, zone: zone, overlap: overlap,
                session: Rig.request(user: "usr_2", key: "ignored", draft: draft), key: key))
    }

    private func show(_ rig: Rig, _ id: String) async throws -> Orchestrator.Schedule {
        try await rig.gateway.call(Orchestrator.GetSchedule(user: Rig.user, id: id))
    }

    private func runs(_ rig: Rig) async throws -> [Orchestrator.Run] {
        try await rig.gateway.call(Orchestrator.ListRuns(user: Rig.user, limit: 100)).runs
    }

    @Test("a schedule starts a run of its owner's at each of its moments, once")
    func fires() async throws {
        let rig = try await Rig(environment: Self.quick)
        let schedule = try await make(rig)
        #expect(schedule.title == "Title" && schedule.studio == "write" && schedule.runs == 0)
        #expect(schedule.nextAt == rig.mesh.clock.now + 3_600_000)
        for count in 1...3 {
            rig.mesh.clock.advance(by: .seconds(3_600))
            _ = try await soon { try await show(rig, schedule.id).runs == count }
            let now = try await show(rig, schedule.id)
            #expect(
                now.lastError == nil && now.nextAt == schedule.nextAt + Int64(count) * 3_600_000)
            try await rig.until(try #require(now.lastRun), "completed")
        }
        #expect(try await runs(rig).count == 3)
    }

    @Test("a schedule runs any template, and says when it does so next")
    func template() async throws {
        let rig = try await Rig(environment: Self.quick)
        let template = try await rig.gateway.call(
            Orchestrator.PutTemplate(user: Rig.user, document: TemplateTests.document()))
        let schedule = try await rig.gateway.call(
            Orchestrator.CreateSchedule(
                user: Rig.user, cron: "30 9 * * *", zone: "+02:00",
                session: Orchestrator.CreateSession(
                    user: Rig.user, title: "Daily", draft: "A draft.", template: template.id,
                    spendLimit: 5_000, seconds: 3_600)))
        #expect(schedule.template == template.id && schedule.zone == "+02:00")
        let upcoming = try #require(schedule.upcoming)
        #expect(upcoming.first == schedule.nextAt && upcoming.count == 5)
        #expect(zip(upcoming, upcoming.dropFirst()).allSatisfy { $1 - $0 == 86_400_000 })
        #expect(upcoming.allSatisfy { $0 % 86_400_000 == (7 * 60 + 30) * 60_000 })
        rig.mesh.clock.advance(by: .milliseconds(schedule.nextAt - rig.mesh.clock.now))
        _ = try await soon { try await show(rig, schedule.id).runs == 1 }
        let run = try #require(try await show(rig, schedule.id).lastRun)
        try await rig.until(run, "completed")
        let session = try await rig.session(run)
        #expect(session.template == template.id)
        #expect(session.run.spendLimit == 5_000 && session.run.seconds == 3_600)
        let paused = try await rig.gateway.call(
            Orchestrator.ChangeSchedule(user: Rig.user, id: schedule.id, isPaused: true))
        #expect(paused.upcoming == [])
    }

    @Test("moments that nobody was there for are one, and none comes twice")
    func missed() async throws {
        let rig = try await Rig(environment: Self.quick)
        let schedule = try await make(rig, cron: "*/5 * * * *")
        rig.mesh.clock.advance(by: .seconds(86_400))
        _ = try await soon { try await show(rig, schedule.id).runs > 0 }
        let now = try await show(rig, schedule.id)
        #expect(now.runs == 1 && now.lastAt == schedule.nextAt)
        #expect(now.nextAt == rig.mesh.clock.now + 300_000)
        // A process that died before it noted the run starts the same one again.
        let record = try await rig.node.schedules.find(schedule.id, Rig.user)
        let again = try await rig.node.scheduleClock.start(record, schedule.nextAt)
        #expect(again == now.lastRun)
        #expect(try await runs(rig).count == 1)
    }

    @Test("while the run before has not ended, a moment is skipped, unless overlap is allowed")
    func overlap() async throws {
        let rig = try await Rig(environment: Self.quick)
        rig.providers.release(0)
        let patient = try await make(rig)
        let eager = try await make(rig, overlap: "allow")
        for _ in 1...2 {
            let before = try await show(rig, patient.id).lastAt
            rig.mesh.clock.advance(by: .seconds(3_600))
            _ = try await soon { try await show(rig, patient.id).lastAt != before }
        }
        _ = try await soon { try await show(rig, eager.id).runs == 2 }
        let now = try await show(rig, patient.id)
        #expect(now.runs == 1 && now.lastError?.contains("has not ended") == true)
        #expect(try await show(rig, eager.id).runs == 2)
        rig.providers.release(nil)
    }

    @Test("a run that cannot be started is told of, and not left behind")
    func refused() async throws {
        let rig = try await Rig(
            environment: Self.quick.merging(["BILLING_FREE_CREDITS": "0"]) { $1 })
        let schedule = try await rig.gateway.call(
            Orchestrator.CreateSchedule(
                user: "usr_poor", cron: "0 * * * *", session: Rig.request(user: "usr_poor")))
        rig.mesh.clock.advance(by: .seconds(3_600))
        func show() async throws -> Orchestrator.Schedule {
            try await rig.gateway.call(Orchestrator.GetSchedule(user: "usr_poor", id: schedule.id))
        }
        _ = try await soon { try await show().lastError != nil }
        let now = try await show()
        #expect(now.runs == 0 && now.lastRun == nil && now.lastError != nil)
        let left = try await rig.gateway.call(Orchestrator.ListRuns(user: "usr_poor", limit: 9))
        #expect(left.runs.map(\.state) == ["cancelled"])
    }

    @Test("a paused schedule waits, and what was missed meanwhile is not made up for")
    func paused() async throws {
        let rig = try await Rig(environment: Self.quick)
        let schedule = try await make(rig)
        func change(_ isPaused: Bool, cron: String? = nil) async throws -> Orchestrator.Schedule {
            try await rig.gateway.call(
                Orchestrator.ChangeSchedule(
                    user: Rig.user, id: schedule.id, cron: cron, isPaused: isPaused))
        }
        #expect(try await change(true).isPaused)
        rig.mesh.clock.advance(by: .seconds(7_200))
        let moved = try await change(false, cron: "30 * * * *")
        #expect(moved.nextAt == rig.mesh.clock.now + 1_800_000)
        #expect(try await runs(rig).isEmpty)
        rig.mesh.clock.advance(by: .seconds(1_800))
        _ = try await soon { try await show(rig, schedule.id).runs == 1 }
        #expect(try await show(rig, schedule.id).runs == 1)
    }

    @Test("schedules are made once per key, listed, deleted, and nobody else's")
    func keeping() async throws {
        let rig = try await Rig(
            jobs: false, environment: ["ATELIER_SCHEDULES_PER_USER": "2"])
        let first = try await make(rig, key: "k")
        #expect(try await make(rig, key: "k").id == first.id)
        let other = try await refusal { try await make(rig, cron: "1 * * * *", key: "k") }
        #expect(other.code == .conflict)
        rig.mesh.clock.advance(by: .milliseconds(1))
        let second = try await make(rig)
        #expect(try await refusal { try await make(rig) }.code == .capped)
        func list(_ user: String) async throws -> [String] {
            try await rig.gateway.call(Orchestrator.ListSchedules(user: user)).schedules.map(\.id)
        }
        #expect(try await list(Rig.user) == [second.id, first.id])
        #expect(try await list("usr_2").isEmpty)
        let foreign = try await refusal {
            try await rig.gateway.call(
                Orchestrator.DeleteSchedule(user: "usr_2", id: first.id))
        }
        #expect(foreign.code == .notFound)
        _ = try await rig.gateway.call(Orchestrator.DeleteSchedule(user: Rig.user, id: first.id))
        #expect(try await list(Rig.user) == [second.id])
    }

    @Test("what is no schedule is refused by its field")
    func invalid() async throws {
        let rig = try await Rig(jobs: false)
        func field(_ request: Orchestrator.CreateSchedule) async throws -> String? {
            let fault = try await refusal { try await rig.gateway.call(request) }
            #expect(fault.code == .invalid)
            return fault.fields?.first?.pointer
        }
        var request = Orchestrator.CreateSchedule(
            user: Rig.user, cron: "61 * * * *", session: Rig.request())
        #expect(try await field(request) == "/cron")
        (request.cron, request.zone) = ("@daily", "Mars/Olympus")
        #expect(try await field(request) == "/zone")
        (request.zone, request.overlap) = (nil, "perhaps")
        #expect(try await field(request) == "/overlap")
        (request.overlap, request.title) = (nil, "")
        #expect(try await field(request) == "/title")
        (request.title, request.session) = (nil, nil)
        #expect(try await field(request) == "/session")
        request.session = Rig.request(rounds: 999)
        #expect(try await field(request) != nil)
    }
}
