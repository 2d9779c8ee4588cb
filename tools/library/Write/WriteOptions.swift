import Console

/// How a session is watched, and what is said of it.
struct WatchOptions: Sendable {
    static let switches = ["json", "quiet", "verbose"]

    let isJSON: Bool
    let isQuiet: Bool
    let isVerbose: Bool

    init(_ arguments: Arguments) {
        isJSON = arguments.has("json")
        isQuiet = arguments.has("quiet")
        isVerbose = arguments.has("verbose")
    }
}

/// A `write` as it was typed, judged before anything is sent.
struct WriteOptions: Sendable {
    static let values =
        Workplace.stackFlags + [
            "rounds", "threshold", "plateau", "preset", "template", "criteria", "agent", "agents",
            "provider", "writer-provider", "model", "reference", "lock", "out", "as", "title",
            "project",
        ]
    static let switches = WatchOptions.switches + ["parallel"]
    /// As many as the gateway takes.
    static let maxReferences = 10

    let draft: DocumentFile
    let references: [DocumentFile]
    let output: OutputFile
    let title: String
    let project: String?
    let rounds: Int?
    let threshold: Double?
    let plateau: SessionRequest.Plateau?
    let preset: String?
    let template: String?
    let criteria: [SessionRequest.Criterion]?
    let agents: [AgentResource]?
    let locks: [String]
    let isParallel: Bool
    let provider: String?
    let writerProvider: String?
    let model: String?
    let email: String?
    let watch: WatchOptions

    init(_ arguments: Arguments) throws {
        let path = try arguments.word("document")
        preset = try arguments.value("preset")
        template = try arguments.value("template")
        guard preset == nil || template == nil else {
            throw UsageError("--preset and --template name the same thing: give one of them")
        }
        rounds = try arguments.integer("rounds", in: 1...10)
        threshold = try arguments.decimal("threshold", in: 0...10)
        plateau = try arguments.value("plateau").map(CastFlags.plateau)
        criteria = try arguments.value("criteria").map(CastFlags.criteria)
        let file = try arguments.value("agents").map(CastFlags.agents)
        let single = try arguments.all("agent").map(CastFlags.agent)
        guard file == nil || single.isEmpty else {
            throw UsageError("--agents and --agent both say who takes part: give one of them")
        }
        agents = file ?? (single.isEmpty ? nil : single)
        locks = arguments.all("lock")
        project = try arguments.value("project")
        isParallel = arguments.has("parallel")
        provider = try arguments.value("provider")
        writerProvider = try arguments.value("writer-provider")
        model = try arguments.value("model")
        email = try arguments.value("as")
        watch = WatchOptions(arguments)
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

    /// True when the cast's models are others than its own.
    private var changesModels: Bool { provider != nil || writerProvider != nil || model != nil }

    /// What the gateway is asked for. `presets` is called when a known cast is to be changed.
    func request(presets: () async throws -> [PresetResource]) async throws -> SessionRequest {
        var agents = agents
        if changesModels {
            var cast = agents
            if cast == nil { cast = try self.cast(among: try await presets()) }
            agents = cast?.map(changed)
        }
        // A template says for itself how long it goes on.
        let isOwn = template == nil
        return SessionRequest(
            title: title, draft: draft.text,
            references: references.map { .init(name: $0.name, content: $0.text) }, agents: agents,
            preset: preset, template: template, criteria: criteria,
            maxRounds: rounds ?? (isOwn ? 3 : nil),
            scoreThreshold: threshold ?? (isOwn ? 8.5 : nil), plateau: plateau,
            parallelCritique: isParallel ? true : nil, locks: locks.isEmpty ? nil : locks,
            project: project)
    }

    private func cast(among all: [PresetResource]) throws -> [AgentResource] {
        let name = preset ?? template ?? "technical"
        let found = all.first { $0.id == name || $0.name.lowercased() == name.lowercased() }
        guard let found else {
            let known = all.map(\.id).joined(separator: ", ")
            throw UsageError("there is no preset \"\(name)\"; there is \(known)")
        }
        return found.agents
    }

    private func changed(_ agent: AgentResource) -> AgentResource {
        var agent = agent
        agent.provider = provider ?? agent.provider
        if agent.role == "writer" { agent.provider = writerProvider ?? agent.provider }
        agent.model = model ?? agent.model
        return agent
    }
}
