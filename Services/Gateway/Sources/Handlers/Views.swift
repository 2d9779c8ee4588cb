import Contracts
import REST

/// Runs, sessions and money as the HTTP surface shows them: times as RFC 3339, amounts in credits.
struct RunView: Codable, Sendable {
    var id: String
    var studio: String
    var title: String
    var state: String
    var progress: Double
    var currentStep: String?
    var error: String?
    var stopReason: String?
    var createdAt: String
    var startedAt: String?
    var endedAt: String?
    var cost: Double
    var lastSeq: Int64

    init(_ run: Orchestrator.Run) {
        (id, studio, title, state) = (run.id, run.studio, run.title, run.state)
        (progress, currentStep, error) = (run.progress, run.currentStep, run.error)
        stopReason = run.stopReason
        createdAt = rfc3339(run.createdAt)
        (startedAt, endedAt) = (run.startedAt.map(rfc3339), run.endedAt.map(rfc3339))
        (cost, lastSeq) = (credits(run.cost), run.lastSeq)
    }
}

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

    init(_ turn: Orchestrator.Turn) {
        (agent, role, provider, model) = (turn.agent, turn.role, turn.provider, turn.model)
        (offline, text) = (turn.isOffline, turn.text)
        (inputTokens, outputTokens) = (turn.inputTokens, turn.outputTokens)
        (estimated, cost) = (turn.isEstimated, credits(turn.cost))
    }
}

struct RoundView: Codable, Sendable {
    var number: Int
    var score: Double?
    var criteria: [Orchestrator.CriterionScore]
    var turns: [TurnView]

    init(_ round: Orchestrator.Round) {
        (number, score, criteria) = (round.number, round.score, round.criteria)
        turns = round.turns.map(TurnView.init)
    }
}

/// A session is its run and more: the run's fields stand beside its own.
struct SessionView: Codable, Sendable {
    private struct Work: Codable, Sendable {
        var document: String
        var score: Double?
        var bestRound: Int?
        var roundsCompleted: Int
        var maxRounds: Int
        var scoreThreshold: Double?
        var agents: [Orchestrator.Agent]
        var rounds: [RoundView]
    }

    private let run: RunView
    private let work: Work

    init(_ session: Orchestrator.Session) {
        run = RunView(session.run)
        work = Work(
            document: session.document, score: session.score, bestRound: session.bestRound,
            roundsCompleted: session.roundsCompleted, maxRounds: session.maxRounds,
            scoreThreshold: session.scoreThreshold, agents: session.agents,
            rounds: session.rounds.map(RoundView.init))
    }

    init(from decoder: any Decoder) throws {
        (run, work) = (try RunView(from: decoder), try Work(from: decoder))
    }

    func encode(to encoder: any Encoder) throws {
        try run.encode(to: encoder)
        try work.encode(to: encoder)
    }
}

struct ArtifactView: Codable, Sendable {
    var id: String
    var name: String
    var contentType: String
    var bytes: Int
    var sha256: String
    var version: Int
    var url: String
    var createdAt: String

    init(_ artifact: Storage.Artifact) {
        (id, name, contentType) = (artifact.id, artifact.name, artifact.contentType)
        (bytes, sha256, version) = (artifact.bytes, artifact.sha256, artifact.version)
        url = "/api/v1/artifacts/\(artifact.id)/content"
        createdAt = rfc3339(artifact.createdAt)
    }
}

struct Page<Item: Codable & Sendable>: Codable, Sendable {
    var items: [Item]
    var nextCursor: String?

    /// The end of a list is written out: `next_cursor` is null there.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(nextCursor, forKey: .nextCursor)
    }
}

/// Thousandths of a credit as credits.
func credits(_ thousandths: Int64) -> Double { Double(thousandths) / 1_000 }
