import Console

/// A `run write` as it was typed, judged before anything is sent.
struct WriteOptions: Sendable {
    static let values =
        Workplace.stackFlags + [
            "rounds", "threshold", "preset", "provider", "writer-provider", "model", "reference",
            "out", "as", "title",
        ]
    static let switches = ["json", "quiet", "verbose"]
    /// As many as the gateway takes.
    static let maxReferences = 10

    let draft: DocumentFile
    let references: [DocumentFile]
    let output: OutputFile
    let title: String
    let rounds: Int
    let threshold: Double
    let preset: String?
    let provider: String?
    let writerProvider: String?
    let model: String?
    let email: String?
    let isJSON: Bool
    let isQuiet: Bool
    let isVerbose: Bool

    init(_ arguments: Arguments) throws {
        let path = try arguments.word("document")
        rounds = try arguments.integer("rounds", in: 1...10) ?? 3
        threshold = try arguments.decimal("threshold", in: 0...10) ?? 8.5
        preset = try arguments.value("preset")
        provider = try arguments.value("provider")
        writerProvider = try arguments.value("writer-provider")
        model = try arguments.value("model")
        email = try arguments.value("as")
        isJSON = arguments.has("json")
        isQuiet = arguments.has("quiet")
        isVerbose = arguments.has("verbose")
        let references = arguments.all("reference")
        guard references.count <= Self.maxReferences else {
            throw UsageError("--reference may be given \(Self.maxReferences) times at most")
        }
        draft = try DocumentFile(reading: path)
        self.references = try references.map { try DocumentFile(reading: $0) }
        title = try arguments.value("title") ?? draft.title
        output = try OutputFile(
            try arguments.value("out") ?? OutputFile.path(beside: path), draft: draft,
            references: self.references)
    }

    /// True when the cast differs from the preset's own.
    private var changesCast: Bool { provider != nil || writerProvider != nil || model != nil }

    /// What the gateway is asked for. `presets` is called when a cast is to be changed.
    func request(presets: () async throws -> [PresetResource]) async throws -> SessionRequest {
        var agents: [AgentResource]?
        if changesCast {
            let name = preset ?? "technical"
            let all = try await presets()
            guard
                let found = all.first(where: {
                    $0.id == name || $0.name.lowercased() == name.lowercased()
                })
            else {
                let known = all.map(\.id).joined(separator: ", ")
                throw UsageError("there is no preset \"\(name)\"; there is \(known)")
            }
            agents = found.agents.map(changed)
        }
        return SessionRequest(
            title: title, draft: draft.text,
            references: references.map { .init(name: $0.name, content: $0.text) }, agents: agents,
            preset: preset, maxRounds: rounds, scoreThreshold: threshold)
    }

    private func changed(_ agent: AgentResource) -> AgentResource {
        var agent = agent
        agent.provider = provider ?? agent.provider
        if agent.role == "writer" { agent.provider = writerProvider ?? agent.provider }
        agent.model = model ?? agent.model
        return agent
    }
}
