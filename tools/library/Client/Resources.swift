//// A list as the gateway answers with it.
struct Items<Item: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
    var items: [Item]
}

// What the gateway answers, as far as the command line reads it. Every field that a later gateway
/// might leave out is optional.
struct RunResource: Codable, Sendable, Equatable {
    var id: String
    var studio: String?
    var title: String?
    var state: String?
    var progress: Double?
    var currentStep: String?
    var error: String?
    var stopReason: String?
    var createdAt: String?
    var startedAt: String?
    var endedAt: String?
    var cost: Double?
    var waitingFor: String?
    var spendLimit: Double?
    var timeLimit: Int?

    enum CodingKeys: String, CodingKey {
        case id, studio, title, state, progress, error, cost
        case spendLimit = "spend_limit"
        case timeLimit = "time_limit"
        case waitingFor = "waiting_for"
        case currentStep = "current_step"
        case stopReason = "stop_reason"
        case createdAt = "created_at"
        case startedAt = "started_at"
        case endedAt = "ended_at"
    }
}

struct RunList: Codable, Sendable, Equatable {
    var items: [RunResource]
    var nextCursor: String?

    enum CodingKeys: String, CodingKey {
        case items
        case nextCursor = "next_cursor"
    }
}

/// A Write session: the run's own fields stand beside these.
struct SessionResource: Codable, Sendable, Equatable {
    struct Round: Codable, Sendable, Equatable {
        var number: Int
        var score: Double?
        var criteria: CriteriaScores?
        var turns: [Turn]?
    }

    struct Turn: Codable, Sendable, Equatable {
        var agent: String?
        var role: String?
        var provider: String?
        var model: String?
        var offline: Bool?
        var inputTokens: Int?
        var outputTokens: Int?
        var estimated: Bool?
        var cost: Double?

        enum CodingKeys: String, CodingKey {
            case agent, role, provider, model, offline, estimated, cost
            case inputTokens = "input_tokens"
            case outputTokens = "output_tokens"
        }
    }

    var id: String
    var title: String?
    var state: String?
    var stopReason: String?
    var error: String?
    var document: String?
    var score: Double?
    var bestRound: Int?
    var roundsCompleted: Int?
    var rounds: [Round]?
    var agents: [AgentResource]?
    var cost: Double?
    var maxRounds: Int?
    /// Why it stopped, in a sentence.
    var stopText: String?
    var revision: String?
    var openSuggestions: Int?
    var waitingFor: String?

    enum CodingKeys: String, CodingKey {
        case id, title, state, error, document, score, rounds, agents, cost, revision
        case maxRounds = "max_rounds"
        case stopText = "stop_text"
        case openSuggestions = "open_suggestions"
        case waitingFor = "waiting_for"
        case stopReason = "stop_reason"
        case bestRound = "best_round"
        case roundsCompleted = "rounds_completed"
    }
}

/// What the criteria of a round were given: an object in events, a list of `{name, score}` in
/// sessions.
struct CriteriaScores: Codable, Sendable, Equatable {
    private struct Item: Codable {
        var name: String
        var score: Double
    }

    var scores: [String: Double]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let object = try? container.decode([String: Double].self) {
            scores = object
        } else {
            let list = try container.decode([Item].self).map { ($0.name, $0.score) }
            scores = Dictionary(list, uniquingKeysWith: { _, last in last })
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(scores)
    }

    /// `clarity 8, structure 7.5`
    var text: String {
        scores.sorted { $0.key < $1.key }.map {
            "\(Printable.line($0.key, limit: 40)) \(Figures.decimal($0.value))"
        }.joined(separator: ", ")
    }
}

/// A cast of agents that comes with the product, or that the user has saved.
struct PresetResource: Codable, Sendable, Equatable {
    var id: String
    var name: String
    var agents: [AgentResource]
}

/// One agent of a session, as it is asked for.
struct AgentResource: Codable, Sendable, Equatable {
    var name: String
    var role: String
    var provider: String?
    var model: String?
    var instructions: String?
    var temperature: Double?
}
