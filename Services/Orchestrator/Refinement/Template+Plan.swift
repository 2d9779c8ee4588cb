/// What a template comes to as a run, and what a session's plan is as a template.
extension Template {
    /// A stretch of a template that is one round, or a loop of them.
    public enum Segment: Sendable, Hashable {
        case once([TemplateStep])
        case loop(LoopPart)
    }

    /// The template as rounds: what stands outside of loops is a round wherever it has a turn.
    public var segments: [Segment] {
        var segments: [Segment] = []
        var open: [TemplateStep] = []
        for step in steps {
            guard case .loop(let loop) = step else {
                open.append(step)
                continue
            }
            if !open.isEmpty { segments.append(.once(open)) }
            segments.append(.loop(loop))
            open = []
        }
        return open.isEmpty ? segments : segments + [.once(open)]
    }

    /// The most rounds there can be.
    public var mostRounds: Int {
        segments.reduce(0) { sum, segment in
            switch segment {
            case .once(let steps): sum + (Self.turns(in: steps) > 0 ? 1 : 0)
            case .loop(let loop): sum + loop.max
            }
        }
    }

    /// The most turns there can be, but for those that a person's no asks for.
    public var mostTurns: Int {
        segments.reduce(0) { sum, segment in
            switch segment {
            case .once(let steps): sum + Self.turns(in: steps)
            case .loop(let loop): sum + loop.max * Self.turns(in: loop.steps)
            }
        }
    }

    /// How many places it has at which a run waits for a person.
    public var gateCount: Int {
        func count(_ steps: [TemplateStep]) -> Int {
            steps.reduce(0) { sum, step in
                switch step {
                case .turn, .parallel: sum
                case .gate: sum + 1
                case .loop(let loop): sum + count(loop.steps)
                }
            }
        }
        return count(steps)
    }

    /// The most turns that these steps come to.
    public static func turns(in steps: [TemplateStep]) -> Int {
        steps.reduce(0) { sum, step in
            switch step {
            case .turn: sum + 1
            case .parallel(let part): sum + part.agents.count
            case .gate: sum
            case .loop(let loop): sum + loop.max * turns(in: loop.steps)
            }
        }
    }

    /// The rules of its first loop, which a session shows as its own.
    public var rules: RoundRules? {
        steps.lazy.compactMap { if case .loop(let loop) = $0 { loop.rules } else { nil } }.first
    }

    /// The plan as a template: rounds of turns in the agents' order, reviewers next to each other side
    /// by side where the plan says so.
    public init(_ plan: SessionPlan, name: String, summary: String = "") {
        var steps: [TemplateStep] = []
        var rest = plan.agents[...]
        while let agent = rest.first {
            let group = rest.prefix { $0.role.reviews }
            if plan.parallelCritique, group.count > 1 {
                steps.append(.parallel(ParallelPart(agents: group.map(\.name))))
                rest = rest.dropFirst(group.count)
            } else {
                steps.append(.turn(agent.name))
                rest = rest.dropFirst()
            }
        }
        let until = LoopPart.Until(score: plan.scoreThreshold, plateau: plan.plateau)
        self.init(
            name: name, summary: summary, agents: plan.agents, criteria: plan.criteria,
            steps: [.loop(LoopPart(max: plan.maxRounds, until: until, steps: steps))])
    }

    /// What a request may change of a template for one run.
    public struct Changes: Sendable, Hashable {
        public var maxRounds: Int?
        public var scoreThreshold: Double?
        public var plateau: Plateau?
        public var criteria: [Criterion]?
        public var agents: [Agent]?

        public init() {}

        var isOfLoops: Bool { maxRounds != nil || scoreThreshold != nil || plateau != nil }
    }

    /// The template with these changes; agents by the names they have in its steps.
    public func changed(by changes: Changes) -> Template {
        var template = self
        if let agents = changes.agents {
            template.agents = template.agents.map { own in
                agents.first { $0.name.folded == own.name.folded } ?? own
            }
        }
        template.criteria = changes.criteria ?? criteria
        guard changes.isOfLoops else { return template }
        template.steps = steps.map { step in
            guard case .loop(var loop) = step else { return step }
            loop.max = changes.maxRounds ?? loop.max
            loop.until.score = changes.scoreThreshold ?? loop.until.score
            if let plateau = changes.plateau {
                loop.until.plateau = plateau.rounds > 0 ? plateau : nil
            }
            return .loop(loop)
        }
        return template
    }

    /// The built-in templates, by the ids of their presets.
    public static let builtIn: [(id: String, template: Template)] = Preset.all.map { preset in
        var plan = preset.plan(title: preset.name)
        plan.plateau = .standard
        return (preset.id, Template(plan, name: preset.name, summary: preset.summary))
    }
}
