/// What a Write session is asked to be, and what the Write studio answers besides sessions.
struct SessionRequest: Codable, Sendable, Equatable {
    struct Reference: Codable, Sendable, Equatable {
        var name: String
        var content: String
    }

    struct Criterion: Codable, Sendable, Equatable {
        var name: String
        var weight: Double
    }

    struct Plateau: Codable, Sendable, Equatable {
        var rounds: Int
        var within: Double?
    }

    var title: String
    var draft: String
    var references: [Reference]
    var agents: [AgentResource]?
    var preset: String?
    var template: String?
    var criteria: [Criterion]?
    var maxRounds: Int?
    var scoreThreshold: Double?
    var plateau: Plateau?
    var parallelCritique: Bool?
    var locks: [String]?
    /// The name of a project, which budgets and figures go by.
    var project: String?

    enum CodingKeys: String, CodingKey {
        case title, draft, references, agents, preset, criteria, plateau, locks
        case template = "template_id"
        case maxRounds = "max_rounds"
        case scoreThreshold = "score_threshold"
        case parallelCritique = "parallel_critique"
        case project = "project_id"
    }
}

struct ContinueRequest: Codable, Sendable, Equatable {
    var maxRounds: Int?
    var scoreThreshold: Double?

    enum CodingKeys: String, CodingKey {
        case maxRounds = "max_rounds"
        case scoreThreshold = "score_threshold"
    }
}

struct TemplateResource: Codable, Sendable, Equatable {
    var id: String
    var name: String
    var summary: String?
    var version: Int?
    var isBuiltIn: Bool?
    var agents: [AgentResource]?
    var maxRounds: Int?
    var gates: Int?

    enum CodingKeys: String, CodingKey {
        case id, name, summary, version, agents, gates
        case isBuiltIn = "built_in"
        case maxRounds = "max_rounds"
    }
}

struct TemplateCheck: Codable, Sendable, Equatable {
    var valid: Bool
    var errors: [Problem.Field]
}

struct GateResource: Codable, Sendable, Equatable {
    var id: String
    var kind: String?
    var prompt: String?
    var state: String?
    var decision: String?
    var feedback: String?
}

struct SuggestionResource: Codable, Sendable, Equatable {
    var number: Int
    var author: String?
    var round: Int?
    var before: String?
    var after: String?
    var reason: String?
    var reasonBy: String?
    var state: String?
    var obstacle: String?
    var effect: String?

    enum CodingKeys: String, CodingKey {
        case number, author, round, before, after, reason, state, obstacle, effect
        case reasonBy = "reason_by"
    }
}
