import Console
import Contracts
import Durable
import FoundationEssentials
import Log
import Mesh
import MeshContract
public import ServiceKit

extension OrchestratorNode {
    /// What an operator may do on the machine itself: with every user's runs, and also while the
    /// service is down. What is asked of a running service reaches it within a second.
    public static let admin: [AdminCommand<OrchestratorNode>] = [
        AdminCommand(
            "runs", "lists runs, newest first (--state, --user, --limit, --json)",
            flags: ["state", "user", "limit", "json"], listRuns),
        AdminCommand(
            "show <run>", "shows a run, what it waits for and what it has done (--json)",
            flags: ["json"], show),
        AdminCommand(
            "events <run>", "lists a run's events (--after, --limit, --json)",
            flags: ["after", "limit", "json"], listEvents),
        AdminCommand(
            "history <run>", "prints a run's history as a test keeps it"
        ) { node, words, _ in try await node.printHistory(words) },
        AdminCommand(
            "replay <run>", "runs the code over a history (--all, --file, --version)",
            flags: ["all", "file", "version"]
        ) { node, words, flags in try await node.replay(words, flags) },
        AdminCommand(
            "fork <run>", "makes a run from a step of another (--at, --input, --title)",
            flags: ["at", "input", "title"], fork),
        AdminCommand("retry <run>", "begins a failed run again where it failed") { node, words, _ in
            let run = try await node.named(words)
            return report(
                try await node.retry(
                    Orchestrator.RetryRun(user: run.user, id: run.id), node.operatorCall))
        },
        AdminCommand("cancel <run>", "ends a run; from here on it cannot complete") {
            node, words, _ in
            let run = try await node.named(words)
            return report(
                try await node.cancel(
                    Orchestrator.CancelRun(user: run.user, id: run.id), node.operatorCall))
        },
    ]

    typealias Report = AdminCommand<OrchestratorNode>.Report

    private var operatorCall: Call {
        Call(id: ambient.makeID("cli"), caller: "admin", time: .seconds(60), log: log)
    }

    func named(_ words: [String]) async throws -> Orchestrator.Run {
        guard let id = words.first else { throw UsageError("which run?") }
        guard let run = try await store.any(id) else { throw RunStore.absent(id) }
        return run
    }

    private static func report(_ run: Orchestrator.Run) -> Report {
        Report(["\(run.id) is \(run.state)"])
    }

    // MARK: Looking

    private static func listRuns(
        _ node: OrchestratorNode, _ words: [String], _ flags: Flags
    ) async throws -> Report {
        let page = try await node.store.list(
            Orchestrator.ListRuns(
                user: try flags.text("user"), state: try flags.text("state"),
                limit: try number(flags, "limit") ?? 50))
        if flags.names.contains("json") { return Report(try page.runs.map(Render.json)) }
        let rows = page.runs.map { run in
            [
                run.id, run.state, run.studio, time(run.createdAt), credits(run.cost), run.user,
                run.title,
            ]
        }
        let head = ["RUN", "STATE", "STUDIO", "MADE", "CREDITS", "USER", "TITLE"]
        return Report(Render.table([head] + rows))
    }

    private static func show(
        _ node: OrchestratorNode, _ words: [String], _ flags: Flags
    ) async throws -> Report {
        let run = try await node.named(words)
        if flags.names.contains("json") { return Report([try Render.json(run)]) }
        var lines = try Render.text(run).split(separator: "\n").map(String.init)
        guard let status = try await node.engine.status(run.id) else { return Report(lines) }
        lines.append("")
        lines.append(
            "\(status.workflow) v\(status.version), life \(status.life), \(status.state): "
                + "\(status.rows) rows, \(status.events) events")
        if let reason = status.reason { lines.append("because: \(reason)") }
        for wait in status.waits {
            let until = wait.due.map { ", until \(time($0))" } ?? ""
            lines.append("waits for \(wait.kind) \(wait.path)\(until)")
        }
        let steps = try await node.engine.steps(run.id).map { step in
            [step.path, step.kind, step.state.rawValue, time(step.at), step.failure?.message ?? ""]
        }
        lines.append("")
        return Report(lines + Render.table([["STEP", "KIND", "STATE", "AT", ""]] + steps))
    }

    private static func listEvents(
        _ node: OrchestratorNode, _ words: [String], _ flags: Flags
    ) async throws -> Report {
        let run = try await node.named(words)
        let events = try await node.engine.events(
            run.id, after: Int64(try number(flags, "after") ?? 0),
            limit: try number(flags, "limit") ?? 1_000
        ).map(EventText.event)
        if flags.names.contains("json") { return Report(try events.map(Render.json)) }
        return Report(
            Render.table(
                events.map { ["\($0.seq)", time($0.at), $0.type, String($0.data.prefix(200))] }))
    }

    // MARK: Changing

    private static func fork(
        _ node: OrchestratorNode, _ words: [String], _ flags: Flags
    ) async throws -> Report {
        let run = try await node.named(words)
        guard let step = try flags.text("at") else {
            throw UsageError("--at is missing: a step, as `show` lists them")
        }
        let request = Orchestrator.ForkRun(
            user: run.user, id: run.id, fromStep: step, input: try flags.text("input"),
            title: try flags.text("title"))
        let fork = try await node.fork(request, node.operatorCall)
        return Report(["\(fork.id) is forked from \(run.id) at \(step)"])
    }

    // MARK: Text

    static func number(_ flags: Flags, _ name: String) throws -> Int? {
        guard let text = try flags.text(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw UsageError("--\(name) takes a number, not \"\(text)\"")
        }
        return number
    }

    private static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    }

    private static func credits(_ thousandths: Int64) -> String { "\(Double(thousandths) / 1_000)" }
}
