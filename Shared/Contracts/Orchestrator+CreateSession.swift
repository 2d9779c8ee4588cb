public import MeshContract

extension Orchestrator {
    /// Makes a Write session; it begins when `start` says so, or with `StartSession`.
    public struct CreateSession: Method {
        public static let name = "create-session"
        public static let summary = "Makes a Write session, once per key."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Session

        public var user: String
        public var title: String?
        public var draft: String
        public var references: [Reference]?
        /// A built-in preset's id or name, or that of the user's own.
        public var preset: String?
        /// A template's id; it says what the agents do, and the other fields may change its figures.
        public var template: String?
        /// The template's version; nil for the newest.
        public var templateVersion: Int?
        public var agents: [Agent]?
        public var maxRounds: Int?
        /// From 0 to 10; nil runs all rounds.
        public var scoreThreshold: Double?
        public var plateau: Plateau?
        public var criteria: [Criterion]?
        public var parallelCritique: Bool?
        /// Passages of the draft that agents must leave as they are.
        public var locks: [String]?
        public var start: Bool?
        /// The caller's idempotency key; nil makes a new session each time.
        public var key: String?
        /// What it may cost at most, in thousandths of a credit; nil for what the account has.
        public var spendLimit: Int64?
        /// How long it may take from its start; nil for the usual thirty days.
        public var seconds: Int?
        /// Whose members see the run; nil for its user alone. That the user is one of them is for
        /// the caller to know.
        public var workspace: String?
        /// The user's own name for what it belongs to, with which the providers are asked: budgets
        /// may be set for it. 1 to 128 bytes.
        public var project: String?

        public init(
            user: String, title: String? = nil, draft: String, references: [Reference]? = nil,
            preset: String? = nil, template: String? = nil, templateVersion: Int? = nil,
            agents: [Agent]? = nil, maxRounds: Int? = nil, scoreThreshold: Double? = nil,
            plateau: Plateau? = nil, criteria: [Criterion]? = nil, parallelCritique: Bool? = nil,
            locks: [String]? = nil, start: Bool? = nil, key: String? = nil,
            spendLimit: Int64? = nil, seconds: Int? = nil, workspace: String? = nil,
            project: String? = nil
        ) {
            (self.user, self.title, self.draft) = (user, title, draft)
            (self.references, self.preset, self.agents) = (references, preset, agents)
            (self.template, self.templateVersion) = (template, templateVersion)
            (self.maxRounds, self.scoreThreshold) = (maxRounds, scoreThreshold)
            (self.plateau, self.criteria) = (plateau, criteria)
            (self.parallelCritique, self.locks) = (parallelCritique, locks)
            (self.start, self.key) = (start, key)
            (self.spendLimit, self.seconds, self.workspace) = (spendLimit, seconds, workspace)
            self.project = project
        }
    }

    /// Goes on from where a session has ended: with its document, agents and references.
    public struct ContinueSession: Method {
        public static let name = "continue-session"
        public static let summary =
            "Makes a session that goes on from an ended one, once per key, and starts it."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Session

        public var user: String
        public var id: String
        public var maxRounds: Int?
        public var scoreThreshold: Double?
        /// False leaves it to be started.
        public var start: Bool?
        public var key: String?

        public init(
            user: String, id: String, maxRounds: Int? = nil, scoreThreshold: Double? = nil,
            start: Bool? = nil, key: String? = nil
        ) {
            (self.user, self.id, self.maxRounds) = (user, id, maxRounds)
            (self.scoreThreshold, self.start, self.key) = (scoreThreshold, start, key)
        }
    }

    /// When the score counts as having stopped to rise.
    public struct Plateau: Codable, Sendable, Equatable {
        /// Over so many rounds; 0 goes on regardless.
        public var rounds: Int
        /// A rise by no more than this does not count; nil for a tenth.
        public var within: Double?

        public init(rounds: Int, within: Double? = nil) {
            (self.rounds, self.within) = (rounds, within)
        }
    }
}
