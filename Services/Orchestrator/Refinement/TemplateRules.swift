/// What a template has to be as a whole for a run to make sense of it.
public enum TemplateRules {
    /// The sizes that a template has to keep to.
    public enum Limit {
        public static let steps = 50
        public static let turns = 200
        public static let summaryBytes = 2_000
        public static let promptBytes = 2_000
        public static let hours = 0.01...8_760.0
    }

    /// Everything that is wrong, with pointers into its JSON; empty for a good template.
    public static func errors(in template: Template) -> [FieldError] {
        var errors: [FieldError] = []
        if let fault = CastRules.fault(
            inName: template.name, longest: SessionPlan.Limit.nameCharacters)
        {
            errors.append(FieldError("/name", fault))
        }
        if template.summary.utf8.count > Limit.summaryBytes {
            errors.append(FieldError("/summary", "is longer than \(Limit.summaryBytes) bytes"))
        }
        errors += CastRules.errors(in: template.agents)
        errors += CastRules.errors(in: template.criteria)
        var walk = Walk(template)
        walk.steps(template.steps, at: "/steps", inLoop: false)
        errors += walk.errors
        if template.steps.isEmpty {
            errors.append(FieldError("/steps", "are empty: a run takes a turn at least"))
        } else if walk.count > Limit.steps {
            errors.append(FieldError("/steps", "are more than \(Limit.steps), loops' own included"))
        } else if template.mostTurns > Limit.turns {
            errors.append(
                FieldError(
                    "/steps", "may come to \(template.mostTurns) turns: the most is \(Limit.turns)")
            )
        } else if walk.errors.isEmpty, !walk.hasWriter {
            errors.append(FieldError("/steps", "give no writer a turn: nothing would change"))
        }
        for (index, agent) in template.agents.enumerated()
        where walk.errors.isEmpty && !walk.used.contains(agent.name.folded) {
            errors.append(
                FieldError(
                    "/agents/\(index)",
                    "has no turn in the steps: give it one, or leave the agent out"))
        }
        return errors
    }

    /// One walk through the steps, in their order.
    private struct Walk {
        let template: Template
        var errors: [FieldError] = []
        var count = 0
        var used: Set<String> = []
        var gates: Set<String> = []
        var hasWriter = false

        init(_ template: Template) { self.template = template }

        mutating func steps(_ steps: [TemplateStep], at pointer: String, inLoop: Bool) {
            for (index, step) in steps.enumerated() {
                count += 1
                let at = "\(pointer)/\(index)"
                switch step {
                case .turn(let name): use(name, at: "\(at)/turn")
                case .parallel(let part): parallel(part, at: "\(at)/parallel")
                case .gate(let gate): self.gate(gate, at: "\(at)/gate")
                case .loop(let loop): self.loop(loop, at: "\(at)/loop", inLoop: inLoop)
                }
            }
        }

        private mutating func wrong(_ pointer: String, _ message: String) {
            errors.append(FieldError(pointer, message))
        }

        @discardableResult
        private mutating func use(_ name: String, at pointer: String) -> Agent? {
            guard let agent = template.agent(name) else {
                let names = template.agents.map { "\"\($0.name)\"" }.joined(separator: ", ")
                wrong(pointer, "is no agent of this template: there is \(names)")
                return nil
            }
            used.insert(agent.name.folded)
            if agent.role == .writer { hasWriter = true }
            return agent
        }

        private mutating func parallel(_ part: ParallelPart, at pointer: String) {
            if part.agents.count < 2 {
                wrong(pointer, "needs two agents at least: for one, write a turn")
            }
            var seen: Set<String> = []
            for (index, name) in part.agents.enumerated() {
                let at = "\(pointer)/\(index)"
                guard let agent = use(name, at: at) else { continue }
                if !agent.role.reviews {
                    wrong(at, "is a writer: only editors and critics work at once; give it a turn")
                }
                if !seen.insert(agent.name.folded).inserted { wrong(at, "stands here twice") }
            }
        }

        private mutating func gate(_ gate: GatePart, at pointer: String) {
            let letters = gate.name.utf8.allSatisfy {
                Byte.isDigit($0) || Byte.isLetter($0) && !Byte.isUpper($0)
                    || $0 == UInt8(ascii: "-")
            }
            if !letters || !(1...40).contains(gate.name.utf8.count) {
                wrong("\(pointer)/name", "takes 1 to 40 small letters, digits and hyphens")
            } else if !gates.insert(gate.name).inserted {
                wrong("\(pointer)/name", "is the name of another gate")
            }
            if gate.prompt.utf8.count > Limit.promptBytes
                || gate.prompt.utf8.allSatisfy(Byte.isSpace)
            {
                wrong("\(pointer)/prompt", "takes 1 to \(Limit.promptBytes) bytes")
            }
            if gate.onReject == .revise, !hasWriter {
                wrong(
                    "\(pointer)/on_reject",
                    "is revise, and no writer has had a turn before: write continue or stop")
            }
            if let hours = gate.hours, !Limit.hours.contains(hours) {
                wrong(
                    "\(pointer)/hours", "must be from 0.01 to 8760; leave it out to wait for ever")
            }
        }

        private mutating func loop(_ loop: LoopPart, at pointer: String, inLoop: Bool) {
            if inLoop { wrong(pointer, "stands in another loop: put it after that one") }
            if !SessionPlan.Limit.rounds.contains(loop.max) {
                wrong("\(pointer)/max", "must be from 1 to 10")
            }
            if let score = loop.until.score, !SessionPlan.Limit.score.contains(score) {
                wrong("\(pointer)/until/score", "must be from 0 to 10")
            }
            if let plateau = loop.until.plateau {
                errors += CastRules.errors(in: plateau, at: "\(pointer)/until/plateau")
            }
            let before = errors.count
            steps(loop.steps, at: "\(pointer)/steps", inLoop: true)
            guard errors.count == before else { return }
            if Template.turns(in: loop.steps) == 0 {
                wrong("\(pointer)/steps", "have no turn: nothing would change from round to round")
            }
            let needsScores = loop.until.score != nil || loop.until.plateau != nil
            if needsScores, !reviews(loop.steps) {
                wrong("\(pointer)/until", "needs the turn of an editor or critic, who gives scores")
            }
        }

        private func reviews(_ steps: [TemplateStep]) -> Bool {
            steps.contains { step in
                switch step {
                case .turn(let name): template.agent(name)?.role.reviews == true
                case .parallel: true
                case .gate, .loop: false
                }
            }
        }
    }
}
