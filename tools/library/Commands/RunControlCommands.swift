import Console

/// `pause`, `resume`, `retry`, `steps`, `fork` and `limit`: what a person may do with a run beyond
/// watching it.
struct RunControlCommands: Sendable {
    let workplace: Workplace

    private static let stack = ["data", "port", "as"]

    /// `pause <run>`, `resume <run>`, `retry <run>`
    func act(_ verb: String, _ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack)
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let run = try await workplace.gateway(arguments).post(
            "/runs/\(id)/\(verb)", as: RunResource.self)
        Terminal.out("\(run.id) is \(run.state ?? "-")")
        return .success
    }

    /// `steps <run>`: what a fork can begin with.
    func steps(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack, switches: ["json"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let list = try await workplace.gateway(arguments).get(
            "/runs/\(id)/steps", as: Items<StepResource>.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(list))
            return .success
        }
        let rows = list.items.map { step in
            [
                Printable.line(step.path, limit: 120), step.kind ?? "-", step.state ?? "-",
                step.takesInput == true ? "takes input" : "", step.at ?? "-",
                Printable.line(step.error ?? "", limit: 100),
            ]
        }
        for line in Render.table([["step", "kind", "state", "", "at", "error"]] + rows) {
            Terminal.out(line)
        }
        return .success
    }

    /// `fork <run> <step> [--input JSON] [--title TEXT]`
    func fork(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["input", "title"])
        guard arguments.words.count == 2 else {
            throw UsageError("fork which run, and from which of its steps?")
        }
        let id = try CommandWord.plain(arguments.words[0], "a run's id")
        var fields = ["\"from_step\":\(try Render.json(arguments.words[1]))"]
        if let title = try arguments.value("title") {
            fields.append("\"title\":\(try Render.json(title))")
        }
        // As it stands: the gateway says what is no JSON.
        if let input = try arguments.value("input") { fields.append("\"input\":\(input)") }
        let run = try await workplace.gateway(arguments).send(
            "POST", "/runs/\(id)/fork", json: Array("{\(fields.joined(separator: ","))}".utf8),
            as: RunResource.self)
        Terminal.out("\(run.id) is \(run.state ?? "-")")
        return .success
    }

    /// `limit <run> [--credits N] [--seconds N]`
    func limit(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["credits", "seconds"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let limits = RunLimits(
            spendLimit: try arguments.decimal("credits", in: 0...1e12),
            timeLimit: try arguments.integer("seconds", in: 1...315_360_000))
        let run = try await workplace.gateway(arguments).put(
            "/runs/\(id)/limits", limits, as: RunResource.self)
        let spend = run.spendLimit.map { "\(Figures.decimal($0, places: 3)) credits" }
        let time = run.timeLimit.map { "\($0) s from now" }
        let words = [spend, time].compactMap(\.self).joined(separator: ", ")
        Terminal.out("\(run.id): \(words.isEmpty ? "the usual limits" : words)")
        return .success
    }
}
