/// What a run came to, added up from its events.
struct RunTally: Sendable, Equatable {
    struct Round: Sendable, Equatable {
        var number: Int
        var score: Double?
        var words: Int?
        var inputTokens = 0
        var outputTokens = 0
        var cost = 0.0
    }

    private(set) var rounds: [Round] = []
    private(set) var bestRound: Int?
    private(set) var turns = 0
    private(set) var isEstimated = false
    private(set) var isOffline = false
    private(set) var stored: StoredData?
    private(set) var end: RunEnd?
    /// The gate that it waits at, if it does.
    private(set) var gate: String?

    var inputTokens: Int { rounds.reduce(0) { $0 + $1.inputTokens } }
    var outputTokens: Int { rounds.reduce(0) { $0 + $1.outputTokens } }
    var cost: Double { rounds.reduce(0) { $0 + $1.cost } }

    mutating func wait(at gate: String) { self.gate = gate }

    mutating func add(_ event: RunEvent) {
        switch event {
        case .turnCompleted(let turn): add(turn)
        case .roundCompleted(let data):
            bestRound = data.bestRound ?? bestRound
            change(data.round) { $0.score = data.score }
        case .documentStored(let data): stored = data
        case .ended(let end): self.end = end
        default: break
        }
    }

    private mutating func add(_ turn: TurnData) {
        turns += 1
        isEstimated = isEstimated || turn.estimated == true
        isOffline = isOffline || turn.offline == true
        change(turn.round) { round in
            round.inputTokens += turn.inputTokens ?? 0
            round.outputTokens += turn.outputTokens ?? 0
            round.cost += turn.cost ?? 0
            if turn.role == "writer" { round.words = turn.words ?? round.words }
        }
    }

    private mutating func change(_ number: Int, _ body: (inout Round) -> Void) {
        if let index = rounds.firstIndex(where: { $0.number == number }) {
            body(&rounds[index])
        } else {
            var round = Round(number: number)
            body(&round)
            rounds.append(round)
        }
    }
}
