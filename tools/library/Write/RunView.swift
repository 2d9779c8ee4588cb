import EventStream
import Console

/// How a run is shown while it goes on.
protocol RunView: Sendable {
    /// One event, and what has been added up with it.
    mutating func show(_ event: RunEvent, _ raw: ServerSentEvent, _ tally: RunTally)
    /// Something to know that is no event: the gateway is away, the run is being cancelled.
    mutating func note(_ text: String)
}

/// The words in which every view speaks of turns and rounds.
struct RunWords: Sendable {
    static let offline = "offline: mechanical edits, no model"

    var maxRounds: Int
    var agents: Int

    func round(_ number: Int) -> String { "round \(number) of \(maxRounds)" }

    func turn(_ turn: TurnData) -> String {
        let model = [turn.provider, turn.model].compactMap { $0 }.joined(separator: "/")
        var parts = ["\(Printable.line(turn.agent, limit: 80)) (\(Printable.line(turn.role)))"]
        if !model.isEmpty { parts.append(Printable.line(model, limit: 80)) }
        if turn.offline == true { parts.append(Self.offline) }
        return parts.joined(separator: " · ")
    }

    func figures(_ turn: TurnData) -> String {
        var parts: [String] = []
        if let words = turn.words { parts.append(Figures.count(words, "word")) }
        let tokens = Figures.grouped((turn.inputTokens ?? 0))
        parts.append(
            "\(tokens) tokens in, \(Figures.grouped(turn.outputTokens ?? 0)) out"
                + (turn.estimated == true ? " (estimated)" : ""))
        parts.append("\(Figures.decimal(turn.cost ?? 0, places: 3)) credits")
        if let score = turn.score { parts.append("score \(Figures.decimal(score))") }
        return parts.joined(separator: " · ")
    }

    func result(_ round: RoundData, _ tally: RunTally) -> String {
        var parts = ["score \(round.score.map { Figures.decimal($0) } ?? "none")"]
        if let criteria = round.criteria, !criteria.scores.isEmpty {
            parts[0] += " (\(criteria.text))"
        }
        if let best = round.bestRound { parts.append("best round \(best)") }
        parts.append("progress \(progress(tally)) %")
        parts.append("\(Figures.decimal(tally.cost, places: 3)) credits so far")
        return parts.joined(separator: " · ")
    }

    /// What is worth a line besides turns and rounds; nil for what is not.
    func note(on event: RunEvent) -> String? {
        switch event {
        case .gateOpened(let gate):
            let prompt = Printable.line(gate.question?.prompt ?? gate.name, limit: 300)
            return "waiting for you at \(Printable.line(gate.name)): \(prompt)"
        case .referencesCut(let cut):
            let parts = cut.references.map { reference in
                "\(Printable.line(reference.name, limit: 60)) "
                    + "(\(Figures.grouped(reference.kept)) of \(Figures.grouped(reference.total)) "
                    + "tokens)"
            }
            return "\(Printable.line(cut.agent, limit: 80)) could read only "
                + parts.joined(separator: ", ")
        case .critiqueMerged(let merge):
            let conflicts =
                merge.conflicts > 0 ? ", \(merge.conflicts) of them against another" : ""
            return "merged into \(Figures.count(merge.notes, "note")), "
                + "\(Figures.count(merge.repeated, "repeat")) left out\(conflicts)"
        case .documentChanged(let change):
            let parts = (change.keptOut ?? [:]).sorted { $0.key < $1.key }.map { why, numbers in
                "\(Figures.count(numbers.count, "change")) by \(Self.obstacles[why] ?? why)"
            }
            return parts.isEmpty ? nil : "kept out: " + parts.joined(separator: ", ")
        default: return nil
        }
    }

    private static let obstacles = [
        "lock": "a lock", "edit": "your edit", "rejection": "your rejection",
    ]

    /// In percent of all turns that there may be.
    func progress(_ tally: RunTally) -> Int {
        let all = max(maxRounds * agents, 1)
        return min(tally.turns * 100 / all, 100)
    }

    func end(_ end: RunEnd) -> String {
        let state = end.state.replacing("_", with: " ")
        guard let reason = end.reason, reason != end.state else { return state }
        return "\(state): \(Printable.line(reason, limit: 300))"
    }
}
