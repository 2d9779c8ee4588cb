import Contracts
import Mesh
import MeshContract
import REST

/// `/schedules`: runs that begin by the clock.
struct ScheduleEndpoints: Sendable {
    struct Draft: Decodable, Sendable {
        var title: String?
        /// Minute, hour, day of the month, month, day of the week.
        var cron: String
        /// `UTC`, or an offset such as `+05:30`.
        var zone: String?
        /// `skip` or `allow`.
        var overlap: String?
        /// The Write session that is made each time; any template by its `template_id`.
        var session: SessionEndpoints.Draft?
    }

    struct Change: Decodable, Sendable {
        var title: String?
        var cron: String?
        var zone: String?
        var overlap: String?
        var paused: Bool?
    }

    struct ScheduleView: Codable, Sendable {
        var id: String
        var title: String
        var cron: String
        var zone: String
        var overlap: String
        var studio: String
        var templateId: String?
        var paused: Bool
        /// Absent while it is paused.
        var nextAt: String?
        /// The next moments; absent in lists.
        var upcoming: [String]?
        var lastAt: String?
        var lastRunId: String?
        var lastError: String?
        var runs: Int
        var createdAt: String

        init(_ schedule: Orchestrator.Schedule) {
            (id, title, cron) = (schedule.id, schedule.title, schedule.cron)
            (zone, overlap, studio) = (schedule.zone, schedule.overlap, schedule.studio)
            (templateId, paused) = (schedule.template, schedule.isPaused)
            nextAt = schedule.isPaused ? nil : rfc3339(schedule.nextAt)
            upcoming = schedule.upcoming?.map(rfc3339)
            (lastAt, lastRunId) = (schedule.lastAt.map(rfc3339), schedule.lastRun)
            (lastError, runs) = (schedule.lastError, schedule.runs)
            createdAt = rfc3339(schedule.createdAt)
        }
    }

    private static let example = """
        {"title": "Every morning", "cron": "0 6 * * 1-5", "zone": "UTC",
         "session": \(SessionEndpoints.example)}
        """

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/schedules", "Lists the user's schedules, newest first") {
                let list = try await mesh.call(
                    Orchestrator.ListSchedules(user: $0.identity.user))
                return try Page(list.schedules.map(ScheduleView.init), $0, by: \.id)
            }.paged(),
            .post(
                "/schedules", "Starts runs by the clock", status: 201,
                bodyLimit: SessionEndpoints.bodyLimit, Draft.self, create
            ).example(Self.example).rules(["/overlap": .choice(["skip", "allow"])]),
            .get("/schedules/{id}", "Shows a schedule with its next moments") {
                ScheduleView(
                    try await mesh.call(
                        Orchestrator.GetSchedule(
                            user: $0.identity.user, id: $0.parameter("id"))))
            },
            .taking(
                "PATCH", "/schedules/{id}", "Pauses, resumes or moves a schedule", Change.self,
                change
            ).example(#"{"paused": true}"#),
            .delete("/schedules/{id}", "Ends a schedule; its runs go on") {
                _ = try await mesh.call(
                    Orchestrator.DeleteSchedule(
                        user: $0.identity.user, id: $0.parameter("id")))
            },
        ]
    }

    @Sendable private func create(
        _ body: Draft, _ incoming: Incoming
    ) async throws -> ScheduleView {
        let user = incoming.identity.user
        let key = try incoming.idempotencyKey
        // Who is in a workspace now may not be when the time comes.
        guard body.session?.workspaceId == nil else {
            throw Fault(
                .invalid, "the schedule was refused",
                fields: [
                    FieldFault("/session/workspace_id", "is for sessions that are made now")
                ])
        }
        do throws(Fault) {
            let session = try body.session.map { draft throws(Fault) in
                try draft.request(of: user)
            }
            return ScheduleView(
                try await mesh.call(
                    Orchestrator.CreateSchedule(
                        user: user, title: body.title, cron: body.cron, zone: body.zone,
                        overlap: body.overlap, session: session, key: key)))
        } catch {
            throw Self.placed(error)
        }
    }

    /// What is wrong with the session stands below it in the body.
    private static func placed(_ fault: Fault) -> Fault {
        let own = ["/cron", "/zone", "/overlap", "/title", "/session"]
        let isOwn = fault.fields?.contains { own.contains($0.pointer) } ?? true
        return isOwn ? fault : fault.namedAsSessions(under: "/session")
    }

    @Sendable private func change(
        _ body: Change, _ incoming: Incoming
    ) async throws -> ScheduleView {
        ScheduleView(
            try await mesh.call(
                Orchestrator.ChangeSchedule(
                    user: incoming.identity.user, id: incoming.parameter("id"),
                    title: body.title, cron: body.cron, zone: body.zone, overlap: body.overlap,
                    isPaused: body.paused)))
    }
}
