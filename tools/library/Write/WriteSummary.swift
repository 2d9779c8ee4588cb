import Console

/// What a finished session came to: a table for a person, one object for a program.
struct WriteSummary: Encodable, Sendable {
    struct Round: Encodable, Sendable, Equatable {
        var number: Int
        var score: Double?
        var tokens: Int
        var cost: Double
        var best: Bool
    }

    let type = "result"
    let run: String
    let state: String
    let stopReason: String?
    let stopText: String?
    let score: Double?
    let bestRound: Int?
    let rounds: [Round]
    let wordsBefore: Int
    let wordsAfter: Int
    let inputTokens: Int
    let outputTokens: Int
    let estimated: Bool
    let offline: Bool
    let cost: Double
    let artifactID: String?
    let file: String

    enum CodingKeys: String, CodingKey {
        case type, run, state, score, rounds, estimated, offline, cost, file
        case stopReason = "stop_reason"
        case stopText = "stop_text"
        case bestRound = "best_round"
        case wordsBefore = "words_before"
        case wordsAfter = "words_after"
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
        case artifactID = "artifact_id"
    }

    init(
        session: SessionResource, tally: RunTally, file: String, wordsBefore: Int, wordsAfter: Int
    ) {
        (run, state) = (session.id, session.state ?? "completed")
        (score, stopReason) = (session.score, session.stopReason ?? tally.end?.reason)
        stopText = session.stopText
        let best = session.bestRound ?? tally.bestRound
        bestRound = best
        rounds = (session.rounds ?? []).map { round in
            let turns = round.turns ?? []
            return Round(
                number: round.number, score: round.score,
                tokens: turns.reduce(0) { $0 + ($1.inputTokens ?? 0) + ($1.outputTokens ?? 0) },
                cost: turns.reduce(0) { $0 + ($1.cost ?? 0) }, best: round.number == best)
        }
        (self.wordsBefore, self.wordsAfter) = (wordsBefore, wordsAfter)
        (inputTokens, outputTokens) = (tally.inputTokens, tally.outputTokens)
        (estimated, offline) = (tally.isEstimated, tally.isOffline)
        (cost, artifactID, self.file) = (session.cost ?? tally.cost, tally.stored?.artifactID, file)
    }

    var lines: [String] {
        let head = ["round", "score", "tokens", "credits", ""]
        let rows = rounds.map { round in
            [
                "\(round.number)", round.score.map { Figures.decimal($0) } ?? "-",
                Figures.grouped(round.tokens), Figures.decimal(round.cost, places: 3),
                round.best ? "best" : "",
            ]
        }
        let tokens =
            "\(Figures.grouped(inputTokens)) in, \(Figures.grouped(outputTokens)) out"
            + (estimated ? " (estimated)" : "")
        var facts = [
            [
                "words",
                "\(Figures.grouped(wordsBefore)) before, \(Figures.grouped(wordsAfter)) after",
            ],
            ["tokens", tokens],
            ["cost", "\(Figures.decimal(cost, places: 3)) credits"],
        ]
        if offline { facts.append(["agents", RunWords.offline]) }
        if let text = stopText ?? stopReason {
            facts.append(["why it ended", Printable.line(text, limit: 300)])
        }
        if let artifactID { facts.append(["artifact", artifactID]) }
        facts += [["run", run], ["document", file]]
        return [""] + Render.table([head] + rows) + [""] + Render.table(facts)
    }
}
