public import Contracts
public import MeshContract
public import Refinement

/// Makes a session's input from what was asked for, and refuses it with every field at fault.
public struct SessionRequest: Sendable {
    /// The most that a draft or a reference may hold, in bytes.
    public static let maxTextBytes = 2 << 20
    public static let maxReferences = 10
    /// And all of them together: a model is sent them at once, and a provider service takes 4 MiB.
    public static let maxBytes = 3 << 20
    static let maxNameBytes = 200
    static let maxProjectBytes = 128

    let request: Orchestrator.CreateSession
    /// A saved template or preset that the request names; nil for a built-in one, or none.
    let saved: (source: SessionInput.Source, template: Template)?
    /// The references with their texts, in the request's order.
    let references: [Material]
    private var faults: [FieldFault] = []

    public init(
        _ request: Orchestrator.CreateSession,
        saved: (source: SessionInput.Source, template: Template)? = nil,
        references: [Material]? = nil
    ) {
        (self.request, self.saved) = (request, saved)
        self.references =
            references
            ?? (request.references ?? []).map {
                Material(name: $0.name ?? "", text: $0.content ?? "")
            }
    }

    /// The input, with the defaults filled in. Throws `invalid`.
    public func input() throws(Fault) -> SessionInput {
        var checked = self
        return try checked.make()
    }

    private mutating func make() throws(Fault) -> SessionInput {
        checkTexts()
        checkProject()
        let title = request.title ?? Self.title(of: request.draft)
        let (source, template) = saved.map { overridden($0, title) } ?? planned(title)
        let locks = request.locks ?? []
        faults += LockRules.faults(in: locks, document: request.draft, at: "/locks")
        guard faults.isEmpty else {
            throw Fault(.invalid, "the session was refused", fields: faults)
        }
        return SessionInput(
            user: request.user, title: title, template: template, source: source,
            draft: request.draft, references: references, locks: locks,
            project: request.project)
    }

    private mutating func add(_ errors: [FieldError]) {
        faults += errors.map { FieldFault($0.pointer, $0.message) }
    }

    private mutating func checkTexts() {
        if request.draft.utf8.count > Self.maxTextBytes {
            faults.append(FieldFault("/draft", "has more than \(Self.maxTextBytes) bytes"))
        }
        if references.count > Self.maxReferences {
            faults.append(FieldFault("/references", "has more than \(Self.maxReferences) entries"))
        }
        for (index, reference) in references.prefix(Self.maxReferences).enumerated() {
            let at = "/references/\(index)"
            if reference.text.utf8.count > Self.maxTextBytes {
                faults.append(
                    FieldFault("\(at)/content", "has more than \(Self.maxTextBytes) bytes"))
            }
            if !(1...Self.maxNameBytes).contains(reference.name.utf8.count) {
                faults.append(FieldFault("\(at)/name", "takes 1 to \(Self.maxNameBytes) bytes"))
            }
        }
        let total = references.reduce(request.draft.utf8.count) { $0 + $1.text.utf8.count }
        if faults.isEmpty, total > Self.maxBytes {
            faults.append(
                FieldFault("/references", "have more than \(Self.maxBytes) bytes with the draft"))
        }
    }

    /// It also comes in a header of outside clients, which takes no control characters.
    private mutating func checkProject() {
        guard let project = request.project else { return }
        let isPlain = project.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        if !isPlain || !(1...Self.maxProjectBytes).contains(project.utf8.count) {
            faults.append(
                FieldFault(
                    "/project",
                    "takes 1 to \(Self.maxProjectBytes) bytes without control characters"))
        }
    }

    // MARK: From a preset, or from agents

    private mutating func planned(_ title: String) -> (SessionInput.Source, Template) {
        let known = faults.count
        let plan = plan(title)
        // Without its agents a plan has faults that are nobody's.
        if !plan.agents.isEmpty || faults.count == known { add(plan.errors()) }
        let input = SessionInput(user: "", plan: plan, draft: "", references: [])
        return (input.source, input.template)
    }

    private mutating func plan(_ title: String) -> SessionPlan {
        let presetID = request.preset ?? (request.agents == nil ? "technical" : nil)
        var plan = SessionPlan(title: title, agents: [], maxRounds: 3)
        if let presetID {
            if let preset = Preset.named(presetID) {
                plan = preset.plan(title: title, maxRounds: 3, scoreThreshold: nil)
            } else {
                let known = Preset.all.map(\.id).joined(separator: ", ")
                faults.append(
                    FieldFault("/preset", "is not one of \(known), nor one of your own"))
            }
        }
        if let agents = request.agents {
            plan.agents = agents.enumerated().map { agent($1, at: $0) }
        }
        plan.maxRounds = request.maxRounds ?? plan.maxRounds
        plan.scoreThreshold = request.scoreThreshold
        plan.plateau = request.plateau.map(Plateau.init) ?? .standard
        plan.parallelCritique = request.parallelCritique ?? false
        if let criteria = request.criteria { plan.criteria = criteria.map(Criterion.init) }
        return plan
    }

    private mutating func agent(_ agent: Orchestrator.Agent, at index: Int) -> Agent {
        let role = Role(rawValue: agent.role)
        if role == nil {
            faults.append(FieldFault("/agents/\(index)/role", "is not writer, editor or critic"))
        }
        return Agent(
            name: agent.name, role: role ?? .writer, provider: agent.provider ?? "",
            model: agent.model ?? (role == .writer ? "strong" : "critic"),
            instructions: agent.instructions ?? "", temperature: agent.temperature ?? 0.7)
    }

    // MARK: From a template

    /// A saved template with what the request changes of it.
    private mutating func overridden(
        _ saved: (source: SessionInput.Source, template: Template), _ title: String
    ) -> (SessionInput.Source, Template) {
        // What both ways of asking have in common is judged in one place.
        var plan = SessionPlan(title: title, agents: saved.template.agents)
        plan.maxRounds = request.maxRounds ?? plan.maxRounds
        plan.plateau = request.plateau.map(Plateau.init)
        plan.criteria = request.criteria?.map(Criterion.init) ?? saved.template.criteria
        var changes = Template.Changes()
        (changes.maxRounds, changes.plateau) = (request.maxRounds, plan.plateau)
        changes.scoreThreshold = request.scoreThreshold
        changes.criteria = request.criteria.map { _ in plan.criteria }
        changes.agents = request.agents.map { agents in
            agents.enumerated().map { index, wanted in
                if saved.template.agent(wanted.name) == nil {
                    let names = saved.template.agents.map(\.name).joined(separator: ", ")
                    faults.append(
                        FieldFault(
                            "/agents/\(index)/name",
                            "is no agent of \(saved.template.name): there is \(names)"))
                }
                return agent(wanted, at: index)
            }
        }
        plan.scoreThreshold = request.scoreThreshold
        add(plan.errors())
        if request.parallelCritique != nil {
            faults.append(
                FieldFault("/parallel_critique", "is for the template to say: leave it out"))
        }
        let template = saved.template.changed(by: changes)
        // A change may leave an agent's role where its steps do not want it.
        if faults.isEmpty { add(TemplateRules.errors(in: template)) }
        return (saved.source, template)
    }

    /// The first heading, or the first words.
    private static func title(of draft: String) -> String {
        let line = draft.split(whereSeparator: \.isNewline).first { line in
            line.contains { !$0.isWhitespace && $0 != "#" }
        }
        let text = (line ?? "Untitled").drop { $0 == "#" || $0.isWhitespace }.prefix(100)
        return text.isEmpty ? "Untitled" : String(text)
    }
}

extension Criterion {
    public init(_ criterion: Orchestrator.Criterion) {
        self.init(name: criterion.name, weight: criterion.weight)
    }
}

extension Plateau {
    /// None of its rounds means that it does not count.
    public init(_ plateau: Orchestrator.Plateau) {
        self.init(rounds: plateau.rounds, within: plateau.within ?? Plateau.standard.within)
    }
}
