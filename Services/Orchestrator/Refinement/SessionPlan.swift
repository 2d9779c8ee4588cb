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
    /// What the document is scored on.
    public var criteria: [Criterion]
    /// Whether all reviewing agents read the same draft at once.
    public var parallelCritique: Bool
    /// The preset it was made from, if any.
    public var preset: String?

    private enum CodingKeys: String, CodingKey {
        case title, agents, criteria, preset
        case maxRounds = "max_rounds"
        case scoreThreshold = "score_threshold"
        case parallelCritique = "parallel_critique"
    }

    public init(
        title: String, agents: [Agent], maxRounds: Int = 10, scoreThreshold: Double? = nil,
        criteria: [Criterion] = Criterion.standard, parallelCritique: Bool = false,
        preset: String? = nil
    ) {
        self.title = title
        self.agents = agents
        self.maxRounds = maxRounds
        self.scoreThreshold = scoreThreshold
        self.criteria = criteria
        self.parallelCritique = parallelCritique
        self.preset = preset
    }

    /// The rules by which a session of this plan goes on or stops.
    public var rules: RoundRules {
        RoundRules(threshold: scoreThreshold, maxRounds: maxRounds)
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
        if let fault = Self.fault(inName: title, longest: Limit.titleCharacters) {
            errors.append(FieldError("/title", fault))
        }
        if !Limit.rounds.contains(maxRounds) {
            errors.append(FieldError("/max_rounds", "must be from 1 to 10"))
        }
        if let scoreThreshold, !Limit.score.contains(scoreThreshold) {
            errors.append(FieldError("/score_threshold", "must be from 0 to 10"))
        }
        if let preset, Preset.named(preset) == nil, !preset.isEmpty {
            if let fault = Self.fault(inName: preset, longest: Limit.nameCharacters) {
                errors.append(FieldError("/preset", fault))
            }
        }
        return errors + agentErrors() + criterionErrors()
    }

    private func agentErrors() -> [FieldError] {
        var errors: [FieldError] = []
        if !Limit.agents.contains(agents.count) {
            errors.append(FieldError("/agents", "must have from 2 to 4 agents"))
        } else if !agents.contains(where: { $0.role == .writer }) {
            errors.append(FieldError("/agents", "must have a writer"))
        } else if scoreThreshold != nil, !agents.contains(where: \.role.reviews) {
            errors.append(
                FieldError("/score_threshold", "needs an editor or critic who gives scores"))
        }
        var names: Set<String> = []
        for (index, agent) in agents.prefix(64).enumerated() {
            let at = "/agents/\(index)"
            if let fault = Self.fault(inName: agent.name, longest: Limit.nameCharacters) {
                errors.append(FieldError("\(at)/name", fault))
            } else if !names.insert(agent.name.folded).inserted {
                errors.append(FieldError("\(at)/name", "is the name of another agent"))
            }
            if agent.provider.count > Limit.nameCharacters {
                errors.append(FieldError("\(at)/provider", "is longer than 80 characters"))
            }
            if let fault = Self.fault(inName: agent.model, longest: Limit.titleCharacters) {
                errors.append(FieldError("\(at)/model", fault))
            }
            if agent.instructions.utf8.count > Limit.instructionBytes {
                errors.append(FieldError("\(at)/instructions", "are longer than 16 KB"))
            }
            if !Limit.temperature.contains(agent.temperature) {
                errors.append(FieldError("\(at)/temperature", "must be from 0 to 2"))
            }
        }
        return errors
    }

    private func criterionErrors() -> [FieldError] {
        var errors: [FieldError] = []
        if criteria.count > Limit.criteria {
            errors.append(FieldError("/criteria", "must have at most 12 criteria"))
        }
        var names: Set<String> = []
        for (index, criterion) in criteria.prefix(64).enumerated() {
            let at = "/criteria/\(index)"
            if let fault = Self.fault(inName: criterion.name, longest: Limit.nameCharacters) {
                errors.append(FieldError("\(at)/name", fault))
            } else if !names.insert(criterion.name.folded).inserted {
                errors.append(FieldError("\(at)/name", "is the name of another criterion"))
            }
            if !(criterion.weight > 0 && criterion.weight <= 1000) {
                errors.append(FieldError("\(at)/weight", "must be above 0 and at most 1000"))
            }
        }
        return errors
    }

    private static func fault(inName name: String, longest: Int) -> String? {
        if name.utf8.allSatisfy(Byte.isSpace) { return "must not be empty" }
        // A longer text in bytes than any allowed in characters is not counted.
        if name.utf8.count > longest * 16 || name.count > longest {
            return "is longer than \(longest) characters"
        }
        return name.utf8.contains { $0 < 0x20 } ? "must be one line" : nil
    }
}
