import Contracts

struct TurnView: Codable, Sendable {
    var agent: String
    var role: String
    var provider: String
    var model: String
    var offline: Bool
    var text: String
    var inputTokens: Int
    var outputTokens: Int
    var estimated: Bool
    var cost: Double
    var score: Double?
    /// What of the references its model could not read; absent where it read all.
    var leftOut: [Orchestrator.ReferenceCut]?

    init(_ turn: Orchestrator.Turn) {
        (agent, role, provider, model) = (turn.agent, turn.role, turn.provider, turn.model)
        (offline, text) = (turn.isOffline, turn.text)
        (inputTokens, outputTokens) = (turn.inputTokens, turn.outputTokens)
        (estimated, cost, score) = (turn.isEstimated, credits(turn.cost), turn.score)
        leftOut = turn.leftOut.isEmpty ? nil : turn.leftOut
    }
}

struct RoundView: Codable, Sendable {
    var number: Int
    var score: Double?
    var criteria: [Orchestrator.CriterionScore]
    var turns: [TurnView]
    /// The notes of critics who worked at once, as one list; absent where nobody did.
    var notes: [Orchestrator.CritiqueNote]?

    init(_ round: Orchestrator.Round) {
        (number, score, criteria) = (round.number, round.score, round.criteria)
        turns = round.turns.map(TurnView.init)
        notes = round.notes.isEmpty ? nil : round.notes
    }
}

/// A session is its run and more: the run's fields stand beside its own.
struct SessionView: Codable, Sendable {
    private struct Work: Codable, Sendable {
        var document: String
        var revision: String
        var score: Double?
        var bestRound: Int?
        var roundsCompleted: Int
        var maxRounds: Int
        var scoreThreshold: Double?
        var plateau: Orchestrator.Plateau?
        var stopText: String?
        var agents: [Orchestrator.Agent]
        var criteria: [Orchestrator.Criterion]
        var rounds: [RoundView]
        var references: [Orchestrator.ReferenceCard]
        var locks: [Orchestrator.Lock]
        var openSuggestions: Int
        var pendingEdits: Int
        var templateId: String?
        var templateVersion: Int?
        var templateName: String?
        var continuedFromId: String?
    }

    private let run: RunView
    private let work: Work

    init(_ session: Orchestrator.Session) {
        run = RunView(session.run)
        work = Work(
            document: session.document, revision: session.revision, score: session.score,
            bestRound: session.bestRound, roundsCompleted: session.roundsCompleted,
            maxRounds: session.maxRounds, scoreThreshold: session.scoreThreshold,
            plateau: session.plateau, stopText: session.stopText, agents: session.agents,
            criteria: session.criteria, rounds: session.rounds.map(RoundView.init),
            references: session.references, locks: session.locks,
            openSuggestions: session.openSuggestions, pendingEdits: session.pendingActs,
            templateId: session.template, templateVersion: session.templateVersion,
            templateName: session.templateName, continuedFromId: session.continues)
    }

    init(from decoder: any Decoder) throws {
        (run, work) = (try RunView(from: decoder), try Work(from: decoder))
    }

    func encode(to encoder: any Encoder) throws {
        try run.encode(to: encoder)
        try work.encode(to: encoder)
    }
}
