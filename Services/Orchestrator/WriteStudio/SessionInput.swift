public import Contracts
public import MeshContract
public import Refinement

/// What a Write session's run begins with; journaled whole, so that a replay needs nothing else.
public struct SessionInput: Codable, Sendable, Equatable {
    public var user: String
    public var plan: SessionPlan
    public var draft: String
    public var references: [Material]

    /// The most that a draft or a reference may hold, in bytes.
    public static let maxTextBytes = 2 << 20
    public static let maxReferences = 10
    /// And all of them together: a model is sent them at once, and a provider service takes 4 MiB.
    public static let maxBytes = 3 << 20
    static let maxNameBytes = 200

    public init(user: String, plan: SessionPlan, draft: String, references: [Material]) {
        (self.user, self.plan) = (user, plan)
        (self.draft, self.references) = (draft, references)
    }

    /// Makes the input from a request, with the defaults filled in. Throws `invalid` with every field
    /// that was refused.
    public init(_ request: Orchestrator.CreateSession) throws(Fault) {
        var faults: [FieldFault] = []
        if request.draft.utf8.count > Self.maxTextBytes {
            faults.append(FieldFault("/draft", "has more than \(Self.maxTextBytes) bytes"))
        }
        let references = request.references ?? []
        if references.count > Self.maxReferences {
            faults.append(FieldFault("/references", "has more than \(Self.maxReferences) entries"))
        }
        for (index, reference) in references.prefix(Self.maxReferences).enumerated() {
            let at = "/references/\(index)"
            if reference.content.utf8.count > Self.maxTextBytes {
                faults.append(
                    FieldFault("\(at)/content", "has more than \(Self.maxTextBytes) bytes"))
            }
            if !(1...Self.maxNameBytes).contains(reference.name.utf8.count) {
                faults.append(FieldFault("\(at)/name", "takes 1 to \(Self.maxNameBytes) bytes"))
            }
        }
        let total = references.reduce(request.draft.utf8.count) { $0 + $1.content.utf8.count }
        if faults.isEmpty, total > Self.maxBytes {
            faults.append(
                FieldFault("/references", "have more than \(Self.maxBytes) bytes with the draft"))
        }
        let known = faults.count
        let plan = Self.plan(request, &faults)
        // Without its agents a plan has faults that are nobody's.
        let isWhole = !plan.agents.isEmpty || faults.count == known
        faults += (isWhole ? plan.errors() : []).map { FieldFault($0.pointer, $0.message) }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the session was refused", fields: faults)
        }
        self.init(
            user: request.user, plan: plan, draft: request.draft,
            references: references.map { Material(name: $0.name, text: $0.content) })
    }

    private static func plan(
        _ request: Orchestrator.CreateSession, _ faults: inout [FieldFault]
    ) -> SessionPlan {
        let title = request.title ?? Self.title(of: request.draft)
        let presetID = request.preset ?? (request.agents == nil ? "technical" : nil)
        var plan = SessionPlan(title: title, agents: [], maxRounds: 3)
        if let presetID {
            if let preset = Preset.named(presetID) {
                plan = preset.plan(title: title, maxRounds: 3, scoreThreshold: nil)
            } else {
                let known = Preset.all.map(\.id).joined(separator: ", ")
                faults.append(FieldFault("/preset", "is not one of \(known)"))
            }
        }
        if let agents = request.agents {
            plan.agents = agents.enumerated().map { index, agent in
                Self.agent(agent, at: index, &faults)
            }
        }
        plan.maxRounds = request.maxRounds ?? plan.maxRounds
        plan.scoreThreshold = request.scoreThreshold
        plan.parallelCritique = request.parallelCritique ?? false
        if let criteria = request.criteria {
            plan.criteria = criteria.map { Criterion(name: $0.name, weight: $0.weight) }
        }
        return plan
    }

    private static func agent(
        _ agent: Orchestrator.Agent, at index: Int, _ faults: inout [FieldFault]
    ) -> Agent {
        let role = Role(rawValue: agent.role)
        if role == nil {
            faults.append(FieldFault("/agents/\(index)/role", "is not writer, editor or critic"))
        }
        return Agent(
            name: agent.name, role: role ?? .writer, provider: agent.provider ?? "",
            model: agent.model ?? (role == .writer ? "strong" : "critic"),
            instructions: agent.instructions ?? "", temperature: agent.temperature ?? 0.7)
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
