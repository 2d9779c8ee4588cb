/// What the gateway answers, as far as the command line reads it. Every field that a later gateway
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

    enum CodingKeys: String, CodingKey {
        case id, studio, title, state, progress, error, cost
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
        var criteria: [CriterionScore]?
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
    var cost: Double?

    enum CodingKeys: String, CodingKey {
        case id, title, state, error, document, score, rounds, cost
        case stopReason = "stop_reason"
        case bestRound = "best_round"
        case roundsCompleted = "rounds_completed"
    }
}

/// What one criterion of a round was given.
struct CriterionScore: Codable, Sendable, Equatable {
    var name: String
    var score: Double
}

/// A cast of agents that comes with the product.
struct PresetResource: Codable, Sendable, Equatable {
    var id: String
    var name: String
    var agents: [AgentResource]
}

struct PresetList: Codable, Sendable, Equatable {
    var items: [PresetResource]
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

/// What a Write session is asked to be.
struct SessionRequest: Codable, Sendable, Equatable {
    struct Reference: Codable, Sendable, Equatable {
        var name: String
        var content: String
    }

    var title: String
    var draft: String
    var references: [Reference]
    var agents: [AgentResource]?
    var preset: String?
    var maxRounds: Int
    var scoreThreshold: Double

    enum CodingKeys: String, CodingKey {
        case title, draft, references, agents, preset
        case maxRounds = "max_rounds"
        case scoreThreshold = "score_threshold"
    }
}
