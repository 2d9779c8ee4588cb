/// What agents, criteria and limits have to be, wherever they are written down.
enum CastRules {
    private typealias Limit = SessionPlan.Limit

    /// What is wrong with a cast; pointers begin with `/agents`.
    static func errors(in agents: [Agent]) -> [FieldError] {
        var errors: [FieldError] = []
        if !Limit.agents.contains(agents.count) {
            errors.append(FieldError("/agents", "must have from 2 to 4 agents"))
        } else if !agents.contains(where: { $0.role == .writer }) {
            errors.append(FieldError("/agents", "must have a writer"))
        }
        var names: Set<String> = []
        for (index, agent) in agents.prefix(64).enumerated() {
            let at = "/agents/\(index)"
            if let fault = fault(inName: agent.name, longest: Limit.nameCharacters) {
                errors.append(FieldError("\(at)/name", fault))
            } else if !names.insert(agent.name.folded).inserted {
                errors.append(FieldError("\(at)/name", "is the name of another agent"))
            }
            if agent.provider.count > Limit.nameCharacters {
                errors.append(FieldError("\(at)/provider", "is longer than 80 characters"))
            }
            if let fault = fault(inName: agent.model, longest: Limit.titleCharacters) {
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

    /// What is wrong with criteria; pointers begin with `/criteria`.
    static func errors(in criteria: [Criterion]) -> [FieldError] {
        var errors: [FieldError] = []
        if criteria.count > Limit.criteria {
            errors.append(FieldError("/criteria", "must have at most 12 criteria"))
        }
        var names: Set<String> = []
        for (index, criterion) in criteria.prefix(64).enumerated() {
            let at = "/criteria/\(index)"
            if let fault = fault(inName: criterion.name, longest: Limit.nameCharacters) {
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

    /// What is wrong with a plateau; none of its rounds means that it does not count.
    static func errors(in plateau: Plateau, at pointer: String) -> [FieldError] {
        var errors: [FieldError] = []
        if !(0...9).contains(plateau.rounds) {
            errors.append(
                FieldError("\(pointer)/rounds", "must be from 1 to 9, or 0 to go on regardless"))
        }
        if !(0...5).contains(plateau.within) {
            errors.append(FieldError("\(pointer)/within", "must be from 0 to 5"))
        }
        return errors
    }

    /// What is wrong with a name; nil for a good one.
    static func fault(inName name: String, longest: Int) -> String? {
        if name.utf8.allSatisfy(Byte.isSpace) { return "must not be empty" }
        // A longer text in bytes than any allowed in characters is not counted.
        if name.utf8.count > longest * 16 || name.count > longest {
            return "is longer than \(longest) characters"
        }
        return name.utf8.contains { $0 < 0x20 } ? "must be one line" : nil
    }
}
