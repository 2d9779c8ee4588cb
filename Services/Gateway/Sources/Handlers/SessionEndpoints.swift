import Contracts
import Crypto
import HTTP
import Mesh
import MeshContract
import REST

/// `/sessions`: the Write studio.
struct SessionEndpoints: Sendable {
    struct Draft: Decodable, Sendable {
        var title: String?
        /// Optional beside a title: the first writer then begins with nothing.
        var draft: String?
        var references: [Orchestrator.Reference]?
        var agents: [Orchestrator.Agent]?
        var maxRounds: Int?
        var scoreThreshold: Double?
        var plateau: Orchestrator.Plateau?
        var criteria: [Orchestrator.Criterion]?
        var preset: String?
        var templateId: String?
        var templateVersion: Int?
        var parallelCritique: Bool?
        var locks: [String]?
        /// In credits.
        var spendLimit: Double?
        /// In seconds, from the start.
        var timeLimit: Int?
        /// A workspace that the user may work in: its members see the run.
        var workspaceId: String?
        /// The user's own name for what it belongs to; as `OpenAI-Project` of outside clients, it is
        /// what a budget may be set for. 1 to 128 bytes.
        var projectId: String?

        /// The request that it is, but for its key.
        func request(
            of user: String, template: String? = nil, start: Bool? = nil
        ) throws(Fault) -> Orchestrator.CreateSession {
            guard draft != nil || title != nil else {
                throw Fault(
                    .invalid, "the session was refused",
                    fields: [
                        FieldFault("/draft", "is missing, and there is no title to begin from")
                    ])
            }
            return Orchestrator.CreateSession(
                user: user, title: title, draft: draft ?? "", references: references,
                preset: preset, template: template ?? templateId,
                templateVersion: templateVersion, agents: agents, maxRounds: maxRounds,
                scoreThreshold: scoreThreshold, plateau: plateau, criteria: criteria,
                parallelCritique: parallelCritique, locks: locks, start: start,
                spendLimit: try spendLimit.map { limit throws(Fault) in
                    try thousandths(limit, at: "/spend_limit")
                }, seconds: timeLimit, project: projectId)
        }
    }

    struct Continuation: Decodable, Sendable {
        var maxRounds: Int?
        var scoreThreshold: Double?
        /// False leaves it to be started.
        var start: Bool?
    }

    static let example = """
        {"title": "A note on tides", "draft": "The moon pulls the sea.", "max_rounds": 1,
         "project_id": "almanac",
         "agents": [{"name": "Writer", "role": "writer"}, {"name": "Critic", "role": "critic"}]}
        """

    /// What fields take past their types.
    static let rules: [String: FieldRule] = [
        "/agents/*/role": .choice(["writer", "editor", "critic"]),
        "/agents/*/temperature": .range(0...2), "/max_rounds": .range(1...10),
        "/score_threshold": .range(0...10),
    ]

    /// A draft and its references, as JSON.
    static let bodyLimit = 12 << 20

    let mesh: MeshClient
    let accounts: Accounts
    let opening: BillingOpening
    let workspaces: WorkspaceStore

    var all: [Endpoint] {
        [
            .post(
                "/sessions", "Makes a Write session", status: 201, bodyLimit: Self.bodyLimit,
                Draft.self
            ) { try await create($0, $1) }.example(Self.example).fails(402).rules(Self.rules),
            .get("/sessions", "Lists the user's Write sessions, newest first", list)
                .paged().takes(
                    RunEndpoints.stateParameter, RunEndpoints.workspaceParameter,
                    RunEndpoints.projectParameter
                ).fails(404),
            .get("/sessions/{id}", "Shows a session with its document and rounds", show),
            .act("/sessions/{id}/start", "Starts a session", start).fails(402),
            .act("/sessions/{id}/pause", "Pauses a session at its next step") {
                try await run(Orchestrator.PauseRun(user: $0.identity.user, id: $0.parameter("id")))
            },
            .act("/sessions/{id}/resume", "Lets a paused session go on") {
                try await run(
                    Orchestrator.ResumeRun(user: $0.identity.user, id: $0.parameter("id")))
            },
            .taking(
                "POST", "/sessions/{id}/continue",
                "Goes on from an ended session in a new one, with the same agents and references",
                status: 201, isOptional: true, Continuation.self, goOn
            ).example(#"{"max_rounds": 2, "start": false}"#).fails(402),
            Endpoint(
                "GET", "/sessions/{id}/export",
                "Downloads the document (?format=md, html or docx)",
                handler: export
            ).downloads("text/markdown", "text/html", Exports.word)
                .takes(.choice("format", ["md", "html", "docx"], "`md` without it")),
        ]
    }

    /// Also for a run of a template, which is then named by the path.
    func create(
        _ body: Draft, _ incoming: Incoming, template: String? = nil, start: Bool? = nil
    ) async throws -> SessionView {
        var request = try body.request(
            of: incoming.identity.user, template: template, start: start)
        request.key = try incoming.idempotencyKey
        request.workspace = try await workspace(body.workspaceId, for: incoming.identity.user)
        try await openBilling(for: incoming.identity.user)
        do throws(Fault) {
            return SessionView(try await mesh.call(request))
        } catch {
            // What the path names is absent, and no field of the body is wrong.
            if template != nil, error.fields?.map(\.pointer) == ["/template_id"] {
                throw Fault(.notFound, "no such template")
            }
            throw error.namedAsSessions()
        }
    }

    /// Viewers make nothing; a workspace that the user is not in is as good as absent.
    private func workspace(_ id: String?, for user: String) async throws -> String? {
        guard let id else { return nil }
        let found = try await workspaces.find(id, as: user)
        guard let found else {
            throw Fault(
                .invalid, "the session was refused",
                fields: [FieldFault("/workspace_id", "is no workspace of yours")])
        }
        guard found.role.mayControlRuns else {
            throw Fault(.denied, "a viewer of the workspace only looks")
        }
        return id
    }

    /// Billing may have been away when the account was made.
    private func openBilling(for user: String) async throws {
        let account = try await accounts.account(user)
        guard !account.isBillingOpen else { return }
        guard await opening.open(account) else {
            throw Fault(.unavailable, "billing is not there; nothing was begun")
        }
    }

    @Sendable private func start(_ incoming: Incoming) async throws -> SessionView {
        SessionView(
            try await mesh.call(
                Orchestrator.StartSession(
                    user: incoming.identity.user, id: incoming.parameter("id"))))
    }

    @Sendable private func goOn(
        _ body: Continuation, _ incoming: Incoming
    ) async throws -> SessionView {
        SessionView(
            try await mesh.call(
                Orchestrator.ContinueSession(
                    user: incoming.identity.user, id: incoming.parameter("id"),
                    maxRounds: body.maxRounds, scoreThreshold: body.scoreThreshold,
                    start: body.start, key: try incoming.idempotencyKey)))
    }

    @Sendable private func show(_ incoming: Incoming) async throws -> SessionView {
        SessionView(try await session(incoming))
    }

    private func session(_ incoming: Incoming) async throws -> Orchestrator.Session {
        try await mesh.call(
            Orchestrator.GetSession(user: incoming.identity.user, id: incoming.parameter("id")))
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<RunView> {
        try await RunEndpoints.page(mesh, workspaces, incoming, studio: "write")
    }

    @Sendable private func export(_ incoming: Incoming) async throws -> Answer {
        let format = incoming.request.queryValue("format") ?? "md"
        guard ["md", "html", "docx"].contains(format) else {
            throw Fault(.invalid, "?format= takes md, html or docx")
        }
        let session = try await session(incoming)
        // Its own form takes no service that might be away.
        guard format == "md" else {
            return try await Exports.answer(
                try await Exports.render(
                    session, as: format, named: session.run.id, over: mesh), to: incoming)
        }
        return .bytes(
            200,
            headers: [
                ("Content-Type", "text/markdown; charset=utf-8"),
                ("Content-Disposition", "attachment; filename=\"\(session.run.id).md\""),
            ], Array(session.document.utf8))
    }

    private func run<M: MeshMethod>(_ request: M) async throws -> RunView
    where M.Reply == Orchestrator.Run {
        RunView(try await mesh.call(request))
    }
}

extension Incoming {
    /// The client's key for a request that creates something; nil for none. Throws `invalid`.
    var idempotencyKey: String? {
        get throws(Fault) {
            let key = request.headers["idempotency-key"]
            if let key, key.isEmpty || key.utf8.count > 200 {
                throw Fault(.invalid, "Idempotency-Key takes 1 to 200 bytes")
            }
            // Who acts for somebody else has keys of their own.
            guard identity.person != identity.user else { return key }
            return key.map { SHA256.hex(Array("\(identity.person) \($0)".utf8)) }
        }
    }
}
