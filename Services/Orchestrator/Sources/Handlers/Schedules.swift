import Contracts
import Durable
import Mesh
import MeshContract
import Refinement
import ServiceKit
import Wire
import WriteStudio

/// Runs that begin by the clock.
extension OrchestratorNode {
    func createSchedule(
        _ request: Orchestrator.CreateSchedule, _ call: Call
    ) async throws -> Orchestrator.Schedule {
        let cron = try Self.cron(request.cron, request.zone ?? "UTC")
        let overlap = try Self.overlap(request.overlap ?? "skip")
        guard var session = request.session else {
            throw Fault(
                .invalid, "a schedule says what to run", fields: [.init("/session", "is missing")])
        }
        (session.user, session.key, session.start) = (request.user, nil, true)
        let input = try await input(of: session)
        let now = ambient.now()
        let schedule = Orchestrator.Schedule(
            id: ambient.makeID("sch"),
            title: try Self.title(request.title ?? input.title), cron: cron.text,
            zone: cron.zone, overlap: overlap, studio: "write", isPaused: false,
            nextAt: try Self.next(cron, after: now), lastAt: nil, lastRun: nil, lastError: nil,
            runs: 0, createdAt: now, template: session.template)
        let record = ScheduleStore.Record(
            schedule: schedule, owner: request.user, request: try WireEncoder.canonical(session))
        return Self.shown(
            try await schedules.insert(
                record, key: request.key, atMost: config.schedulesPerUser
            ).schedule, at: now)
    }

    func listSchedules(
        _ request: Orchestrator.ListSchedules, _ call: Call
    ) async throws -> Orchestrator.ScheduleList {
        Orchestrator.ScheduleList(schedules: try await schedules.list(request.user))
    }

    func schedule(
        _ request: Orchestrator.GetSchedule, _ call: Call
    ) async throws -> Orchestrator.Schedule {
        Self.shown(
            try await schedules.find(request.id, request.user).schedule, at: ambient.now())
    }

    func changeSchedule(
        _ request: Orchestrator.ChangeSchedule, _ call: Call
    ) async throws -> Orchestrator.Schedule {
        let now = ambient.now()
        let changed = try await schedules.update(request.id, request.user) { schedule in
            let cron = try Self.cron(
                request.cron ?? schedule.cron, request.zone ?? schedule.zone)
            schedule.title = try Self.title(request.title ?? schedule.title)
            schedule.overlap = try Self.overlap(request.overlap ?? schedule.overlap)
            (schedule.cron, schedule.zone) = (cron.text, cron.zone)
            schedule.isPaused = request.isPaused ?? schedule.isPaused
            // What was missed while it was paused is not made up for.
            schedule.nextAt = try Self.next(cron, after: now)
        }
        return Self.shown(changed.schedule, at: now)
    }

    func deleteSchedule(
        _ request: Orchestrator.DeleteSchedule, _ call: Call
    ) async throws -> MeshContract.Done {
        try await schedules.delete(request.id, request.user)
        return MeshContract.Done()
    }

    private static func cron(_ text: String, _ zone: String) throws(Fault) -> Cron {
        do {
            return try Cron(String(text.prefix(200)), zone: zone)
        } catch {
            let field = error.description.hasPrefix("the zone") ? "/zone" : "/cron"
            throw Fault(
                .invalid, "this is no schedule", fields: [.init(field, error.description)])
        }
    }

    private static func next(_ cron: Cron, after now: Int64) throws -> Int64 {
        guard let next = cron.next(after: now) else {
            throw Fault(.invalid, "this never comes", fields: [.init("/cron", "never comes")])
        }
        return next
    }

    private static let mostUpcoming = 5

    /// The schedule with its next moments. One that is due and not yet served comes first.
    private static func shown(
        _ schedule: Orchestrator.Schedule, at now: Int64
    ) -> Orchestrator.Schedule {
        var schedule = schedule
        schedule.upcoming = []
        guard !schedule.isPaused, let cron = try? Cron(schedule.cron, zone: schedule.zone) else {
            return schedule
        }
        var next: Int64? = schedule.nextAt
        while let moment = next, schedule.upcoming?.count ?? 0 < mostUpcoming {
            schedule.upcoming?.append(moment)
            next = cron.next(after: max(moment, now))
        }
        return schedule
    }

    private static func overlap(_ text: String) throws(Fault) -> String {
        guard ["skip", "allow"].contains(text) else {
            throw Fault(
                .invalid, "this is no schedule", fields: [.init("/overlap", "is skip or allow")])
        }
        return text
    }

    private static func title(_ text: String) throws(Fault) -> String {
        guard !text.isEmpty, text.utf8.count <= 800 else {
            throw Fault(
                .invalid, "this is no title", fields: [.init("/title", "has 1 to 800 bytes")])
        }
        return text
    }

    // MARK: The clock

    /// What the job needs of the rest.
    var scheduleClock: ScheduleClock {
        ScheduleClock(
            store: schedules, now: ambient.now, pause: config.schedulePause, log: log,
            start: startScheduled,
            isOpen: { [store] run in
                let state = try await store.any(run)?.state
                return state.map { !["completed", "failed", "cancelled"].contains($0) } ?? false
            })
    }

    /// Makes and starts the run of one moment, once. A run that cannot be started is not left
    /// behind.
    @Sendable private func startScheduled(
        _ record: ScheduleStore.Record, _ moment: Int64
    ) async throws -> String {
        var request = try WireDecoder.decode(
            Orchestrator.CreateSession.self, from: record.request)
        let key = "schedule:\(record.schedule.id):\(moment)"
        request.key = key
        do {
            return try await makeSession(request).run.id
        } catch {
            if let run = try await store.made(by: key, of: record.owner) {
                _ = try await store.cancelQueued(run.id, at: ambient.now())
            }
            throw error
        }
    }
}
