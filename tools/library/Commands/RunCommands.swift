import Console

/// `runs`, `show` and `cancel`: what was done, and what is being done.
struct RunCommands: Sendable {
    let workplace: Workplace

    func list(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: ["data", "port", "as", "limit", "state"], switches: ["json"])
        try arguments.noWords()
        let limit = try arguments.integer("limit", in: 1...200) ?? 20
        let state = try arguments.value("state").map {
            "&state=\(try CommandWord.plain($0, "--state"))"
        }
        let runs = try await workplace.gateway(arguments).get(
            "/runs?limit=\(limit)\(state ?? "")", as: RunList.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(runs))
            return .success
        }
        let rows = runs.items.map { run in
            [
                run.id, run.studio ?? "-", run.state ?? "-",
                "\(Int((run.progress ?? 0) * 100)) %",
                Figures.decimal(run.cost ?? 0, places: 3), run.createdAt ?? "-",
                Printable.line(run.title ?? "", limit: 60),
            ]
        }
        let head = ["run", "studio", "state", "progress", "credits", "created", "title"]
        for line in Render.table([head] + rows) { Terminal.out(line) }
        return .success
    }

    func show(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: ["data", "port", "as"], switches: ["json", "document"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let gateway = try await workplace.gateway(arguments)
        let run = try await gateway.get("/runs/\(id)", as: RunResource.self)
        guard run.studio == "write" else {
            for line in arguments.has("json") ? [try Render.json(run)] : lines(run) {
                Terminal.out(line)
            }
            return .success
        }
        let session = try await gateway.get("/sessions/\(id)", as: SessionResource.self)
        if arguments.has("document") {
            let text = session.document ?? ""
            // A file gets every byte, a terminal no control characters.
            Terminal.out(Terminal.isInteractive ? Printable.text(text) : text)
        } else if arguments.has("json") {
            Terminal.out(try Render.json(session))
        } else {
            for line in lines(run) + lines(session) { Terminal.out(line) }
        }
        return .success
    }

    func cancel(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: ["data", "port", "as"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let run = try await workplace.gateway(arguments).post(
            "/runs/\(id)/cancel", as: RunResource.self)
        Terminal.out("\(run.id) is \(run.state ?? "being cancelled")")
        return .success
    }

    // MARK: Parts

    private func lines(_ run: RunResource) -> [String] {
        let facts: [(String, String?)] = [
            ("run", run.id), ("title", run.title.map { Printable.line($0) }),
            ("studio", run.studio), ("state", run.state),
            ("progress", run.progress.map { "\(Int($0 * 100)) %" }),
            ("step", run.currentStep), ("error", run.error.map { Printable.line($0, limit: 300) }),
            ("waits for", run.waitingFor.map { Printable.line($0) }),
            ("ended by", run.stopReason.map { Printable.line($0) }), ("created", run.createdAt),
            ("started", run.startedAt), ("ended", run.endedAt),
            ("cost", run.cost.map { "\(Figures.decimal($0, places: 3)) credits" }),
        ]
        return Render.table(facts.compactMap { name, value in value.map { [name, $0] } })
    }

    private func lines(_ session: SessionResource) -> [String] {
        let rows = (session.rounds ?? []).map { round in
            [
                "\(round.number)", round.score.map { Figures.decimal($0) } ?? "-",
                round.criteria?.text ?? "",
            ]
        }
        var facts: [[String]] = []
        if let text = session.stopText {
            facts.append(["why it ended", Printable.line(text, limit: 300)])
        }
        if let open = session.openSuggestions, open > 0 {
            facts.append(["suggestions", "\(open) open: atelier suggestions \(session.id)"])
        }
        let table =
            rows.isEmpty ? [] : [""] + Render.table([["round", "score", "criteria"]] + rows)
        return (facts.isEmpty ? [] : [""] + Render.table(facts)) + table
    }
}
