import Console
import FoundationEssentials

/// `schedules`: runs that begin by the clock.
struct ScheduleCommands: Sendable {
    let workplace: Workplace

    private static let stack = ["data", "port", "as"]

    func run(_ arguments: [String]) async throws -> ExitCode {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "list", nil: return try await list(rest)
        case "add": return try await add(rest)
        case "show": return try await show(rest)
        case "pause": return try await change(rest, paused: true)
        case "resume": return try await change(rest, paused: false)
        case "delete": return try await delete(rest)
        case let verb?:
            throw UsageError(
                "there is no \"schedules \(verb)\"; there is list, add, show, pause, resume, delete"
            )
        }
    }

    private func list(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack, switches: ["json"])
        try arguments.noWords()
        let list = try await workplace.gateway(arguments).get(
            "/schedules", as: Items<ScheduleResource>.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(list))
            return .success
        }
        let rows = list.items.map { schedule in
            [
                schedule.id, schedule.cron ?? "-", schedule.zone ?? "-",
                schedule.paused == true ? "paused" : schedule.nextAt ?? "-",
                "\(schedule.runs ?? 0)", Printable.line(schedule.lastError ?? "", limit: 60),
                Printable.line(schedule.title ?? "", limit: 60),
            ]
        }
        let head = ["schedule", "cron", "zone", "next", "runs", "last error", "title"]
        for line in Render.table([head] + rows) { Terminal.out(line) }
        return .success
    }

    /// `schedules add <document.md> --cron "0 9 * * 1" [--zone Z] [--overlap O] [--template ID]`
    private func add(_ arguments: [String]) async throws -> ExitCode {
        let own = ["cron", "zone", "overlap", "title", "template", "preset"]
        let arguments = try Arguments(arguments, values: Self.stack + own)
        let file = try DocumentFile(reading: try arguments.word("document"))
        guard let cron = try arguments.value("cron") else {
            throw UsageError("when? say --cron \"minute hour day month weekday\"")
        }
        let title = try arguments.value("title") ?? file.path
        let schedule = ScheduleRequest(
            title: title, cron: cron, zone: try arguments.value("zone"),
            overlap: try arguments.value("overlap"),
            session: SessionRequest(
                title: title, draft: file.text, references: [],
                preset: try arguments.value("preset"),
                template: try arguments.value("template")))
        let made = try await workplace.gateway(arguments).send(
            "POST", "/schedules", json: Array(try JSONEncoder().encode(schedule)),
            as: ScheduleResource.self)
        tell(made)
        return .success
    }

    private func show(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack, switches: ["json"])
        let id = try CommandWord.plain(try arguments.word("schedule"), "a schedule's id")
        let schedule = try await workplace.gateway(arguments).get(
            "/schedules/\(id)", as: ScheduleResource.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(schedule))
        } else {
            tell(schedule)
        }
        return .success
    }

    private func tell(_ schedule: ScheduleResource) {
        let upcoming = (schedule.upcoming ?? []).joined(separator: ", ")
        Terminal.out("\(schedule.id): \(upcoming.isEmpty ? "paused" : "next at \(upcoming)")")
        if let error = schedule.lastError {
            Terminal.out("its last moment began no run: \(Printable.line(error, limit: 300))")
        }
    }

    private func change(_ arguments: [String], paused: Bool) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack)
        let id = try CommandWord.plain(try arguments.word("schedule"), "a schedule's id")
        tell(
            try await workplace.gateway(arguments).send(
                "PATCH", "/schedules/\(id)", json: Array("{\"paused\":\(paused)}".utf8),
                as: ScheduleResource.self))
        return .success
    }

    private func delete(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack)
        let id = try CommandWord.plain(try arguments.word("schedule"), "a schedule's id")
        try await workplace.gateway(arguments).delete("/schedules/\(id)")
        Terminal.out("\(id) is deleted; its runs go on")
        return .success
    }
}
