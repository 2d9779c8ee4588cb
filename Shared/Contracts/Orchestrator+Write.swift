extension Orchestrator {
    public struct Agent: Codable, Sendable, Equatable {
        public var name: String
        /// `writer`, `editor` or `critic`.
        public var role: String
        public var provider: String?
        public var model: String?
        public var instructions: String?
        public var temperature: Double?

        public init(
            name: String, role: String, provider: String? = nil, model: String? = nil,
            instructions: String? = nil, temperature: Double? = nil
        ) {
            (self.name, self.role, self.provider) = (name, role, provider)
            (self.model, self.instructions) = (model, instructions)
            self.temperature = temperature
        }
    }

    public struct Criterion: Codable, Sendable, Equatable {
        public var name: String
        public var weight: Double

        public init(name: String, weight: Double) { (self.name, self.weight) = (name, weight) }
    }

    public struct Reference: Codable, Sendable, Equatable {
        public var name: String
        public var content: String

        public init(name: String, content: String) { (self.name, self.content) = (name, content) }
    }

    public struct Turn: Codable, Sendable, Equatable {
        public var agent: String
        public var role: String
        public var provider: String
        public var model: String
        public var isOffline: Bool
        public var text: String
        public var inputTokens: Int
        public var outputTokens: Int
        public var isEstimated: Bool
        /// Thousandths of a credit.
        public var cost: Int64

        public init(
            agent: String, role: String, provider: String, model: String, isOffline: Bool,
            text: String, inputTokens: Int, outputTokens: Int, isEstimated: Bool, cost: Int64
        ) {
            (self.agent, self.role, self.provider) = (agent, role, provider)
            (self.model, self.isOffline, self.text) = (model, isOffline, text)
            (self.inputTokens, self.outputTokens) = (inputTokens, outputTokens)
            (self.isEstimated, self.cost) = (isEstimated, cost)
        }
    }

    public struct CriterionScore: Codable, Sendable, Equatable {
        public var name: String
        public var score: Double

        public init(name: String, score: Double) { (self.name, self.score) = (name, score) }
    }

    public struct Round: Codable, Sendable, Equatable {
        public var number: Int
        public var score: Double?
        public var criteria: [CriterionScore]
        public var turns: [Turn]

        public init(number: Int, score: Double?, criteria: [CriterionScore], turns: [Turn]) {
            (self.number, self.score) = (number, score)
            (self.criteria, self.turns) = (criteria, turns)
        }
    }

    public struct Session: Codable, Sendable, Equatable {
        public var run: Run
        public var document: String
        public var score: Double?
        public var bestRound: Int?
        public var roundsCompleted: Int
        public var maxRounds: Int
        public var scoreThreshold: Double?
        public var agents: [Agent]
        public var rounds: [Round]

        public init(
            run: Run, document: String, score: Double?, bestRound: Int?, roundsCompleted: Int,
            maxRounds: Int, scoreThreshold: Double?, agents: [Agent], rounds: [Round]
        ) {
            (self.run, self.document, self.score) = (run, document, score)
            (self.bestRound, self.roundsCompleted) = (bestRound, roundsCompleted)
            (self.maxRounds, self.scoreThreshold) = (maxRounds, scoreThreshold)
            (self.agents, self.rounds) = (agents, rounds)
        }
    }

    public struct Preset: Codable, Sendable, Equatable {
        public var id: String
        public var name: String
        public var agents: [Agent]

        public init(id: String, name: String, agents: [Agent]) {
            (self.id, self.name, self.agents) = (id, name, agents)
        }
    }

    public struct PresetList: Codable, Sendable, Equatable {
        public var presets: [Preset]

        public init(presets: [Preset]) { self.presets = presets }
    }
}
