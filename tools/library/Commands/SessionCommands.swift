import Console
import ServiceKit

/// What a person does with a session from the command line: edits, locks, words on suggestions,
/// comparisons, and going on from where it ended.
struct SessionCommands: Sendable {
    let workplace: Workplace

    private static let stack = ["data", "port", "as"]

    /// `diff <run> [--from N] [--to N]`
    func diff(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["from", "to"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let from = try arguments.integer("from", in: 0...1_000) ?? 0
        let to = try arguments.integer("to", in: 0...1_000).map { "&to=\($0)" } ?? ""
        let gateway = try await workplace.gateway(arguments)
        let text = String(
            decoding: try await gateway.bytes("/sessions/\(id)/diff?format=text&from=\(from)\(to)"),
            as: UTF8.self)
        // What has not changed has nothing to show, as with diff itself.
        guard !text.isEmpty else { return .success }
        Terminal.piece(Terminal.isInteractive ? Printable.text(text) : text)
        return .success
    }

    /// `edit <run> <file>`
    func edit(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["base"])
        guard arguments.words.count == 2 else { throw UsageError("edit which run, to which file?") }
        let id = try CommandWord.plain(arguments.words[0], "a run's id")
        let file = try DocumentFile(reading: arguments.words[1])
        var body = ["document": file.text]
        if let base = try arguments.value("base") { body["base"] = base }
        let session = try await workplace.gateway(arguments).put(
            "/sessions/\(id)/document", body, as: SessionResource.self)
        let isOver = ["completed", "failed", "cancelled"].contains(session.state ?? "")
        Terminal.out(
            isOver
                ? "kept"
                : "taken; the next turn builds on it (revision "
                    + "\(Printable.line(session.revision ?? "-")))")
        return .success
    }

    /// `lock <run> <passage>…`; without a passage all are free again.
    func lock(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack)
        guard let run = arguments.words.first else { throw UsageError("lock what in which run?") }
        let id = try CommandWord.plain(run, "a run's id")
        let passages = Array(arguments.words.dropFirst())
        _ = try await workplace.gateway(arguments).put(
            "/sessions/\(id)/locks", ["locks": passages], as: SessionResource.self)
        Terminal.out("\(Figures.count(passages.count, "passage")) locked")
        return .success
    }

    /// `suggestions <run> [--state S] [--accept N] [--reject N]`
    func suggestions(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: Self.stack + ["state", "accept", "reject"], switches: ["json"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let gateway = try await workplace.gateway(arguments)
        for word in ["accept", "reject"] {
            for text in arguments.all(word) {
                guard let number = Int(text) else {
                    throw UsageError("--\(word) takes a suggestion's number")
                }
                let said = try await gateway.post(
                    "/sessions/\(id)/suggestions/\(number)", ["decision": word],
                    as: SuggestionResource.self)
                Terminal.out(
                    "\(number) \(said.state ?? "")"
                        + (said.effect == "passed"
                            ? "; the passage has changed since, and was left alone" : ""))
            }
        }
        if arguments.has("accept") || arguments.has("reject") { return .success }
        let state = try arguments.value("state").map {
            "?state=\(try CommandWord.plain($0, "--state"))"
        }
        let list = try await gateway.get(
            "/sessions/\(id)/suggestions\(state ?? "")", as: Items<SuggestionResource>.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(list))
            return .success
        }
        for suggestion in list.items { show(suggestion) }
        return .success
    }

    private func show(_ suggestion: SuggestionResource) {
        var head = [
            "\(suggestion.number)", suggestion.state ?? "-",
            "round \(suggestion.round ?? 0)", Printable.line(suggestion.author ?? "", limit: 80),
        ]
        if let obstacle = suggestion.obstacle { head.append("kept out by \(obstacle)") }
        Terminal.out(head.joined(separator: " · "))
        for (mark, text) in [("-", suggestion.before), ("+", suggestion.after)] {
            for line in (text ?? "").split(separator: "\n") {
                Terminal.out("  \(mark) \(Printable.line(String(line), limit: 500))")
            }
        }
        if let reason = suggestion.reason {
            let by = suggestion.reasonBy.map { " (\(Printable.line($0, limit: 80)))" } ?? ""
            Terminal.out("  because: \(Printable.line(reason, limit: 300))\(by)")
        }
    }

    /// `continue <run> [--rounds N] [--threshold X] --out FILE`
    func goOn(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: Self.stack + ["rounds", "threshold", "out"],
            switches: WatchOptions.switches)
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let output = try OutputFile(try arguments.value("out") ?? "\(id).continued.md")
        let request = ContinueRequest(
            maxRounds: try arguments.integer("rounds", in: 1...10),
            scoreThreshold: try arguments.decimal("threshold", in: 0...10))
        let gateway = try await workplace.gateway(arguments)
        let before = try await gateway.get("/sessions/\(id)", as: SessionResource.self)
        let session = try await gateway.post(
            "/sessions/\(id)/continue", request, as: SessionResource.self)
        let watch = SessionWatch(
            workplace: workplace, gateway: gateway, options: WatchOptions(arguments))
        let tally = try await watch.follow(session, title: session.title ?? id)
        let ended = try await watch.completed(session.id, tally)
        let document = ended.document ?? ""
        try output.write(document, mode: 0o600)
        try watch.tell(
            WriteSummary(
                session: ended, tally: tally, file: output.path,
                wordsBefore: DocumentFile.words(in: before.document ?? ""),
                wordsAfter: DocumentFile.words(in: document)))
        return .success
    }

    // MARK: Gates

    /// `gates <run>`
    func gates(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack, switches: ["json"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let list = try await workplace.gateway(arguments).get(
            "/runs/\(id)/gates", as: Items<GateResource>.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(list))
            return .success
        }
        let rows = list.items.map { gate in
            [
                Printable.line(gate.id, limit: 80), gate.state ?? "-", gate.decision ?? "-",
                Printable.line(gate.prompt ?? "", limit: 100),
            ]
        }
        for line in Render.table([["gate", "state", "decision", "question"]] + rows) {
            Terminal.out(line)
        }
        return .success
    }

    /// `approve <run> [gate]` and `reject <run> [gate] [--feedback TEXT]`
    func decide(_ decision: String, _ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["feedback"])
        guard (1...2).contains(arguments.words.count) else {
            throw UsageError("\(decision) which run, and at which gate?")
        }
        let id = try CommandWord.plain(arguments.words[0], "a run's id")
        let gateway = try await workplace.gateway(arguments)
        var gate = arguments.words.dropFirst().first
        if gate == nil {
            let open = try await gateway.get("/runs/\(id)/gates", as: Items<GateResource>.self)
                .items
                .filter { $0.state == "open" }
            guard open.count == 1, let only = open.first else {
                throw Refusal(
                    .failure,
                    open.isEmpty ? "run \(id) waits at no gate" : "several gates are open: name one"
                )
            }
            gate = only.id
        }
        let name = try CommandWord.plain(gate ?? "", "a gate", also: "./").replacing(
            "/", with: "%2F")
        var body = ["decision": decision]
        if let feedback = try arguments.value("feedback") { body["feedback"] = feedback }
        _ = try await gateway.post("/runs/\(id)/gates/\(name)", body, as: GateResource.self)
        Terminal.out("\(name): \(decision == "approve" ? "approved" : "rejected")")
        return .success
    }
}
