/// Everything that a session of the Write studio is asked to be.
public struct SessionPlan: Codable, Sendable, Hashable {
    /// What the document is about.
    public var title: String
    /// Who takes turns, in order.
    public var agents: [Agent]
    /// After how many rounds it ends at the latest.
    public var maxRounds: Int
    /// The score at which it ends, if it has one.
    public var scoreThreshold: Double?
    /// When it ends because the score has stopped rising; nil where that does not count.
    public var plateau: Plateau?
    /// What the document is scored on.
    public var criteria: [Criterion]
    /// Whether all reviewing agents read the same draft at once.
    public var parallelCritique: Bool
    /// The preset it was made from, if any.
    public var preset: String?

    private enum CodingKeys: String, CodingKey {
        case title, agents, criteria, preset, plateau
        case maxRounds = "max_rounds"
        case scoreThreshold = "score_threshold"
        case parallelCritique = "parallel_critique"
    }

    public init(
        title: String, agents: [Agent], maxRounds: Int = 10, scoreThreshold: Double? = nil,
        criteria: [Criterion] = Criterion.standard, parallelCritique: Bool = false,
        preset: String? = nil, plateau: Plateau? = nil
    ) {
        self.title = title
        self.agents = agents
        self.maxRounds = maxRounds
        self.scoreThreshold = scoreThreshold
        self.criteria = criteria
        self.parallelCritique = parallelCritique
        self.preset = preset
        self.plateau = plateau
    }

    /// The rules by which a session of this plan goes on or stops.
    public var rules: RoundRules {
        RoundRules(threshold: scoreThreshold, maxRounds: maxRounds, plateau: plateau)
    }
}

/// What is wrong with one field of a request.
public struct FieldError: Codable, Sendable, Hashable {
    /// Where it is, as a JSON pointer (RFC 6901) such as `/agents/0/name`.
    public var pointer: String
    /// What is wrong, in words for the one who sent it.
    public var message: String

    public init(_ pointer: String, _ message: String) {
        self.pointer = pointer
        self.message = message
    }
}

extension SessionPlan {
    /// The sizes that a plan has to keep to.
    public enum Limit {
        public static let agents = 2...4
        public static let rounds = 1...10
        public static let score = 0.0...10.0
        public static let temperature = 0.0...2.0
        public static let criteria = 12
        public static let nameCharacters = 80
        public static let titleCharacters = 200
        public static let instructionBytes = 16_384
    }

    /// Every field that is wrong, so that a form can mark them all at once; empty for a good plan.
    public func errors() -> [FieldError] {
        var errors: [FieldError] = []
        if let fault = CastRules.fault(inName: title, longest: Limit.titleCharacters) {
            errors.append(FieldError("/title", fault))
        }
        if !Limit.rounds.contains(maxRounds) {
            errors.append(FieldError("/max_rounds", "must be from 1 to 10"))
        }
        if let scoreThreshold, !Limit.score.contains(scoreThreshold) {
            errors.append(FieldError("/score_threshold", "must be from 0 to 10"))
        }
        if let preset, Preset.named(preset) == nil, !preset.isEmpty {
            if let fault = CastRules.fault(inName: preset, longest: Limit.nameCharacters) {
                errors.append(FieldError("/preset", fault))
            }
        }
        if let plateau { errors += CastRules.errors(in: plateau, at: "/plateau") }
        errors += CastRules.errors(in: agents)
        let isCast = !errors.contains { $0.pointer == "/agents" }
        if isCast, scoreThreshold != nil, !agents.contains(where: \.role.reviews) {
            errors.append(
                FieldError("/score_threshold", "needs an editor or critic who gives scores"))
        }
        return errors + CastRules.errors(in: criteria)
    }
}
