import Contracts
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
        var criteria: [Orchestrator.Criterion]?
        var preset: String?
        var parallelCritique: Bool?
    }

    /// A draft and its references, as JSON.
    private static let bodyLimit = 12 << 20

    let mesh: MeshClient
    let accounts: Accounts
    let opening: BillingOpening

    var all: [Endpoint] {
        [
            .post(
                "/sessions", "Makes a Write session", status: 201, bodyLimit: Self.bodyLimit,
                Draft.self, create),
            .get("/sessions", "Lists the user's Write sessions, newest first", list),
            .get("/sessions/{id}", "Shows a session with its document and rounds", show),
            .act("/sessions/{id}/start", "Starts a session", start),
            .act("/sessions/{id}/pause", "Pauses a session at its next step") {
                try await run(Orchestrator.PauseRun(user: $0.identity.user, id: $0.parameter("id")))
            },
            .act("/sessions/{id}/resume", "Lets a paused session go on") {
                try await run(
                    Orchestrator.ResumeRun(user: $0.identity.user, id: $0.parameter("id")))
            },
            Endpoint(
                "GET", "/sessions/{id}/export", "Downloads the document (?format=md)",
                handler: export),
            .get("/presets", "Lists the built-in casts of agents") { _ in
                Page(items: try await mesh.call(Orchestrator.ListPresets()).presets)
            },
        ]
    }

    @Sendable private func create(_ body: Draft, _ incoming: Incoming) async throws -> SessionView {
        guard body.draft != nil || body.title != nil else {
            throw Fault(
                .invalid, "the session was refused",
                fields: [FieldFault("/draft", "is missing, and there is no title to begin from")])
        }
        let key = incoming.request.headers["idempotency-key"]
        if let key, key.isEmpty || key.utf8.count > 200 {
            throw Fault(.invalid, "Idempotency-Key takes 1 to 200 bytes")
        }
        try await openBilling(for: incoming.identity.user)
        return SessionView(
            try await mesh.call(
                Orchestrator.CreateSession(
                    user: incoming.identity.user, title: body.title, draft: body.draft ?? "",
                    references: body.references, preset: body.preset, agents: body.agents,
                    maxRounds: body.maxRounds, scoreThreshold: body.scoreThreshold,
                    criteria: body.criteria, parallelCritique: body.parallelCritique, key: key)))
    }

    /// Billing may have been away when the account was made.
    private func openBilling(for user: String) async throws {
        guard let account = try await accounts.store.find(id: user) else {
            throw Fault(.unauthenticated, "the account is gone")
        }
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

    @Sendable private func show(_ incoming: Incoming) async throws -> SessionView {
        SessionView(try await session(incoming))
    }

    private func session(_ incoming: Incoming) async throws -> Orchestrator.Session {
        try await mesh.call(
            Orchestrator.GetSession(user: incoming.identity.user, id: incoming.parameter("id")))
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<RunView> {
        try await RunEndpoints.page(mesh, incoming, studio: "write")
    }

    @Sendable private func export(_ incoming: Incoming) async throws -> Answer {
        guard incoming.request.queryValue("format") ?? "md" == "md" else {
            throw Fault(.invalid, "?format= takes md")
        }
        let session = try await session(incoming)
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
