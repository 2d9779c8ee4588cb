public import Contracts
public import Refinement

/// What one agent's turn came to, as its step is journaled.
public struct TurnResult: Codable, Sendable, Equatable {
    public var round: Int
    public var agent: String
    public var role: Role
    public var provider: String
    public var model: String
    public var isOffline: Bool
    /// A writer's document, cleaned; a reviewer's answer as it came.
    public var text: String
    public var reading: ScoreReading?
    public var usage: Providers.Usage
    /// Thousandths of a credit.
    public var charged: Int64
}

/// What a session's run ends with.
public struct SessionResult: Codable, Sendable, Equatable {
    public var artifact: String
    public var score: Double?
    public var bestRound: Int?
    public var rounds: Int
    public var stopReason: String
}

/// What one round came to, put together from its turns.
public struct RoundSummary: Codable, Sendable, Equatable {
    public var number: Int
    public var score: Double?
    public var criteria: [String: Double]
    public var document: String
    public var isChanged: Bool

    /// The round's score is the mean of what its reviewers gave; a round without one has none.
    public init(number: Int, before document: String, turns: [TurnResult]) {
        self.number = number
        self.document = turns.last { $0.role == .writer }?.text ?? document
        isChanged = self.document != document
        let readings = turns.compactMap(\.reading)
        score =
            readings.isEmpty
            ? nil : readings.map(\.score).reduce(0, +) / Double(readings.count)
        var sums: [String: [Double]] = [:]
        for reading in readings {
            for (name, value) in reading.criteria { sums[name, default: []].append(value) }
        }
        criteria = sums.mapValues { $0.reduce(0, +) / Double($0.count) }
    }

    public var result: RoundResult {
        RoundResult(number: number, score: score, changed: isChanged)
    }
}

/// A session as far as it has come, made from its journaled turns alone.
public struct SessionProgress: Sendable {
    public let rounds: [RoundSummary]
    public let turns: [[TurnResult]]
    public let document: String
    public let score: Double?
    public let bestRound: Int?

    /// The document is that of the best round; before any round has ended, the newest.
    public init(_ input: SessionInput, _ results: [TurnResult]) {
        var rounds: [RoundSummary] = []
        var grouped: [[TurnResult]] = []
        var document = input.draft
        for number in 1...max(results.map(\.round).max() ?? 1, 1) {
            let turns = Self.ordered(results.filter { $0.round == number }, by: input.plan)
            guard !turns.isEmpty else { break }
            grouped.append(turns)
            document = turns.last { $0.role == .writer }?.text ?? document
            guard turns.count >= input.plan.agents.count else { break }
            let before = rounds.last?.document ?? input.draft
            rounds.append(RoundSummary(number: number, before: before, turns: turns))
        }
        let best = RoundRules.bestRound(of: rounds.map(\.result))
        let bestRound = rounds.first { $0.number == best }
        (self.rounds, turns) = (rounds, grouped)
        self.bestRound = best
        score = bestRound?.score
        self.document = bestRound?.document ?? document
    }

    /// In the agents' order: the journal has reviews that were made side by side as they ended.
    private static func ordered(_ turns: [TurnResult], by plan: SessionPlan) -> [TurnResult] {
        let known = plan.agents.flatMap { agent in turns.filter { $0.agent == agent.name } }
        return known.count == turns.count ? known : turns
    }
}
