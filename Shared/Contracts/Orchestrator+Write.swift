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

    /// Material for the agents: its text, or the id of an upload that holds it.
    public struct Reference: Codable, Sendable, Equatable {
        public var id: String?
        /// Nil for the upload's own.
        public var name: String?
        public var content: String?

        public init(id: String? = nil, name: String? = nil, content: String? = nil) {
            (self.id, self.name, self.content) = (id, name, content)
        }
    }

    /// A reference as a session shows it.
    public struct ReferenceCard: Codable, Sendable, Equatable {
        public var name: String
        public var bytes: Int
        /// An estimate.
        public var tokens: Int

        public init(name: String, bytes: Int, tokens: Int) {
            (self.name, self.bytes, self.tokens) = (name, bytes, tokens)
        }
    }

    /// What of a reference an agent's model could not read, in estimated tokens.
    public struct ReferenceCut: Codable, Sendable, Equatable {
        public var name: String
        public var keptTokens: Int
        public var totalTokens: Int

        public init(name: String, keptTokens: Int, totalTokens: Int) {
            (self.name, self.keptTokens, self.totalTokens) = (name, keptTokens, totalTokens)
        }
    }

    /// One thing that reviewers want changed, each said once.
    public struct CritiqueNote: Codable, Sendable, Equatable {
        public var number: Int
        public var text: String
        public var by: [String]
        /// The numbers of the notes that ask for the opposite.
        public var conflicts: [Int]

        public init(number: Int, text: String, by: [String], conflicts: [Int]) {
            (self.number, self.text, self.by) = (number, text, by)
            self.conflicts = conflicts
        }
    }

    /// A locked passage.
    public struct Lock: Codable, Sendable, Equatable {
        public var text: String
        /// How often it stands in the document; a person may have taken it out.
        public var count: Int

        public init(text: String, count: Int) { (self.text, self.count) = (text, count) }
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
        /// The score that was read from it, for a review.
        public var score: Double?
        /// What its agent could not read.
        public var leftOut: [ReferenceCut]

        public init(
            agent: String, role: String, provider: String, model: String, isOffline: Bool,
            text: String, inputTokens: Int, outputTokens: Int, isEstimated: Bool, cost: Int64,
            score: Double? = nil, leftOut: [ReferenceCut] = []
        ) {
            (self.agent, self.role, self.provider) = (agent, role, provider)
            (self.model, self.isOffline, self.text) = (model, isOffline, text)
            (self.inputTokens, self.outputTokens) = (inputTokens, outputTokens)
            (self.isEstimated, self.cost) = (isEstimated, cost)
            (self.score, self.leftOut) = (score, leftOut)
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
        /// The notes of reviewers who worked at once, as one list; empty where nobody did.
        public var notes: [CritiqueNote]

        public init(
            number: Int, score: Double?, criteria: [CriterionScore], turns: [Turn],
            notes: [CritiqueNote] = []
        ) {
            (self.number, self.score) = (number, score)
            (self.criteria, self.turns, self.notes) = (criteria, turns, notes)
        }
    }

    public struct Session: Codable, Sendable, Equatable {
        public var run: Run
        /// As it is now: what the next turn builds on, with the person's edits that wait for it; of an
        /// ended session the result.
        public var document: String
        /// Names this state of the document, for an edit that is made from it.
        public var revision: String
        public var score: Double?
        public var bestRound: Int?
        public var roundsCompleted: Int
        public var maxRounds: Int
        public var scoreThreshold: Double?
        public var plateau: Plateau?
        /// Why it stopped, for people; nil before.
        public var stopText: String?
        public var agents: [Agent]
        public var criteria: [Criterion]
        public var rounds: [Round]
        public var references: [ReferenceCard]
        public var locks: [Lock]
        /// Suggestions that nobody has said a word on.
        public var openSuggestions: Int
        /// What the person has done and the run has not taken in yet.
        public var pendingActs: Int
        /// The template that it was made from, its version, and its name.
        public var template: String?
        public var templateVersion: Int?
        public var templateName: String?
        /// The session that it goes on from.
        public var continues: String?

        public init(
            run: Run, document: String, revision: String, score: Double?, bestRound: Int?,
            roundsCompleted: Int, maxRounds: Int, scoreThreshold: Double?, plateau: Plateau?,
            stopText: String?, agents: [Agent], criteria: [Criterion], rounds: [Round],
            references: [ReferenceCard], locks: [Lock], openSuggestions: Int, pendingActs: Int,
            template: String?, templateVersion: Int?, templateName: String?, continues: String?
        ) {
            (self.run, self.document, self.revision) = (run, document, revision)
            (self.score, self.bestRound) = (score, bestRound)
            (self.roundsCompleted, self.maxRounds) = (roundsCompleted, maxRounds)
            (self.scoreThreshold, self.plateau) = (scoreThreshold, plateau)
            (self.stopText, self.agents, self.criteria) = (stopText, agents, criteria)
            (self.rounds, self.references, self.locks) = (rounds, references, locks)
            (self.openSuggestions, self.pendingActs) = (openSuggestions, pendingActs)
            (self.template, self.templateVersion) = (template, templateVersion)
            (self.templateName, self.continues) = (templateName, continues)
        }
    }

    public struct Preset: Codable, Sendable, Equatable {
        public var id: String
        public var name: String
        public var summary: String
        public var isBuiltIn: Bool
        public var agents: [Agent]
        public var criteria: [Criterion]

        public init(
            id: String, name: String, summary: String, isBuiltIn: Bool, agents: [Agent],
            criteria: [Criterion]
        ) {
            (self.id, self.name, self.summary) = (id, name, summary)
            (self.isBuiltIn, self.agents, self.criteria) = (isBuiltIn, agents, criteria)
        }
    }

    public struct PresetList: Codable, Sendable, Equatable {
        public var presets: [Preset]

        public init(presets: [Preset]) { self.presets = presets }
    }
}
