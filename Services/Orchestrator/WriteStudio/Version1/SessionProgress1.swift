public import Refinement

/// What one round came to, put together from its turns.
public struct RoundSummary1: Codable, Sendable, Equatable {
    public var number: Int
    public var score: Double?
    public var criteria: [String: Double]
    public var document: String
    public var isChanged: Bool

    public init(number: Int, before document: String, turns: [TurnResult]) {
        self.number = number
        self.document = turns.last { $0.role == .writer }?.text ?? document
        isChanged = self.document != document
        let given = RoundScore(turns.compactMap(\.reading))
        (score, criteria) = (given.score, given.criteria)
    }

    public var result: RoundResult {
        RoundResult(number: number, score: score, changed: isChanged)
    }
}

/// A session of the first form as far as it has come, made from its journaled turns alone.
public struct SessionProgress1: Sendable {
    public let rounds: [RoundSummary1]
    public let turns: [[TurnResult]]
    public let document: String
    public let score: Double?
    public let bestRound: Int?

    /// The document is that of the best round; before any round has ended, the newest.
    public init(_ input: SessionInput1, _ results: [TurnResult]) {
        var rounds: [RoundSummary1] = []
        var grouped: [[TurnResult]] = []
        var document = input.draft
        for number in 1...max(results.map(\.round).max() ?? 1, 1) {
            let turns = Self.ordered(results.filter { $0.round == number }, by: input.plan)
            guard !turns.isEmpty else { break }
            grouped.append(turns)
            document = turns.last { $0.role == .writer }?.text ?? document
            guard turns.count >= input.plan.agents.count else { break }
            let before = rounds.last?.document ?? input.draft
            rounds.append(RoundSummary1(number: number, before: before, turns: turns))
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

extension SessionProgress1 {
    /// The steps that a run of the present form would have journaled for the same turns, so that both
    /// are shown by the same code.
    public func rows(_ input: SessionInput1) -> [SessionRow] {
        var rows: [SessionRow] = []
        var version = 0
        var document = input.draft
        for (index, turns) in turns.enumerated() {
            let before = version
            for (position, turn) in turns.enumerated() {
                var turn = turn
                (turn.position, turn.version) = (position, version)
                rows.append(.answer(turn))
                guard turn.role == .writer else { continue }
                var change = Change()
                if turn.text != document {
                    (version, document) = (version + 1, turn.text)
                    change.versions = [
                        Change.Draft(
                            author: .agent(turn.agent), round: turn.round, text: nil, seen: 0)
                    ]
                }
                rows.append(.apply(change))
            }
            guard index < rounds.count else { continue }
            let summary = rounds[index]
            rows.append(
                .round(
                    RoundRecord(
                        number: summary.number, score: summary.score, criteria: summary.criteria,
                        before: before, after: version, reviewed: version,
                        isChanged: summary.isChanged)))
        }
        return rows
    }
}
