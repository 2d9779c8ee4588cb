import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/templates` and `/presets`: workflows as data.
struct TemplateEndpoints: Sendable {
    struct TemplateView: Codable, Sendable {
        var id: String
        var name: String
        var summary: String
        var studio: String
        var version: Int?
        var builtIn: Bool
        var agents: [Orchestrator.Agent]
        var criteria: [Orchestrator.Criterion]
        var maxRounds: Int
        var gates: Int
        var createdAt: String?
        var updatedAt: String?

        init(_ template: Orchestrator.Template) {
            (id, name, summary) = (template.id, template.name, template.summary)
            (studio, version, builtIn) = (template.studio, template.version, template.isBuiltIn)
            (agents, criteria) = (template.agents, template.criteria)
            (maxRounds, gates) = (template.maxRounds, template.gates)
            (createdAt, updatedAt) = (
                template.createdAt.map(rfc3339), template.updatedAt.map(rfc3339)
            )
        }
    }

    struct CheckView: Codable, Sendable {
        var valid: Bool
        var errors: [ErrorView]
    }

    struct ErrorView: Codable, Sendable {
        var pointer: String
        var detail: String
    }

    struct PresetView: Codable, Sendable {
        var id: String
        var name: String
        var summary: String
        var builtIn: Bool
        var agents: [Orchestrator.Agent]
        var criteria: [Orchestrator.Criterion]

        init(_ preset: Orchestrator.Preset) {
            (id, name, summary) = (preset.id, preset.name, preset.summary)
            (builtIn, agents, criteria) = (preset.isBuiltIn, preset.agents, preset.criteria)
        }
    }

    private static let bodyLimit = 1 << 20
    private static let versionParameter = Parameter.number(
        "version", 1...1_000_000, "The version that is meant; the newest without it")
    private static let example = """
        {"format": "atelier.template", "version": 1, "studio": "write", "name": "One round",
         "agents": [{"name": "Writer", "role": "writer"}, {"name": "Critic", "role": "critic"}],
         "steps": [{"loop": {"max": 1, "steps": [{"turn": "Writer"}, {"turn": "Critic"}]}}]}
        """

    let mesh: MeshClient
    let sessions: SessionEndpoints

    var all: [Endpoint] {
        [
            .get("/templates", "Lists the built-in templates and the user's own", list)
                .paged(),
            Endpoint(
                "POST", "/templates", "Keeps a template; the body is the template itself",
                bodyLimit: Self.bodyLimit, replyFields: Field.tree(TemplateView.self)
            ) { try await put($0, id: nil, status: 201) }
            .reads("application/json").example(Self.example).answers(201),
            Endpoint(
                "POST", "/templates/check", "Says what is wrong with a template, and keeps nothing",
                bodyLimit: Self.bodyLimit, replyFields: Field.tree(CheckView.self), handler: check
            ).reads("application/json", isOptional: true).example(Self.example).keyed(false),
            Endpoint(
                "GET", "/templates/{id}", "Shows a template with its document (?version=)",
                replyFields: Field.tree(TemplateView.self)
            ) { Self.answer(200, try await find($0)) }.takes(Self.versionParameter),
            Endpoint(
                "GET", "/templates/{id}/document", "Downloads a template, to be imported elsewhere",
                handler: download
            ).answers(200, "application/json").takes(Self.versionParameter),
            Endpoint(
                "PUT", "/templates/{id}",
                "Keeps the next version of a template (?version= is the one that was changed)",
                bodyLimit: Self.bodyLimit, replyFields: Field.tree(TemplateView.self)
            ) { try await put($0, id: $0.parameter("id"), status: 200) }
            .reads("application/json").example(Self.example).takes(Self.versionParameter),
            Endpoint("DELETE", "/templates/{id}", "Deletes a template; its runs go on") {
                _ = try await mesh.call(
                    Orchestrator.DeleteTemplate(
                        user: $0.identity.user, id: $0.parameter("id")))
                return .empty(204)
            }.answers(204),
            .post(
                "/templates/{id}/runs", "Starts a run of a template", status: 201,
                bodyLimit: SessionEndpoints.bodyLimit, SessionEndpoints.Draft.self
            ) { try await sessions.create($0, $1, template: $1.parameter("id"), start: true) }
            .example(#"{"draft": "The moon pulls the sea.", "max_rounds": 1}"#).fails(402)
            .rules(SessionEndpoints.rules),
            .get("/presets", "Lists the casts of agents: the built-in ones and the user's own") {
                let list = try await mesh.call(Orchestrator.ListPresets(user: $0.identity.user))
                return try Page(list.presets.map(PresetView.init), $0, by: \.id)
            }.paged(),
            .post(
                "/presets", "Saves a cast of agents, as a template of rounds", status: 201,
                PresetDraft.self, save
            ).example(
                #"{"name": "Mine", "agents": [{"name": "W", "role": "writer"}], "max_rounds": 1}"#
            ),
        ]
    }

    // MARK: Templates

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<TemplateView> {
        let list = try await mesh.call(
            Orchestrator.ListTemplates(user: incoming.identity.user))
        return try Page(list.templates.map(TemplateView.init), incoming, by: \.id)
    }

    private func find(_ incoming: Incoming) async throws -> Orchestrator.Template {
        try await mesh.call(
            Orchestrator.GetTemplate(
                user: incoming.identity.user, id: incoming.parameter("id"),
                version: try Self.version(incoming)))
    }

    private static func version(_ incoming: Incoming) throws(Fault) -> Int? {
        guard incoming.request.queryValue("version") != nil else { return nil }
        return try incoming.number("version", default: 1, in: 1...1_000_000)
    }

    private func put(_ incoming: Incoming, id: String?, status: Int) async throws -> Answer {
        let template = try await mesh.call(
            Orchestrator.PutTemplate(
                user: incoming.identity.user, id: id, document: try Self.document(incoming),
                version: try Self.version(incoming),
                key: id == nil ? try incoming.idempotencyKey : nil))
        return Self.answer(status, template)
    }

    @Sendable private func check(_ incoming: Incoming) async throws -> Answer {
        let check = try await mesh.call(
            Orchestrator.CheckTemplate(document: try Self.document(incoming)))
        let errors = check.faults.map { ErrorView(pointer: $0.pointer, detail: $0.message) }
        return .json(200, CheckView(valid: errors.isEmpty, errors: errors))
    }

    @Sendable private func download(_ incoming: Incoming) async throws -> Answer {
        let template = try await find(incoming)
        return .bytes(
            200,
            headers: [
                ("Content-Type", "application/json"),
                (
                    "Content-Disposition",
                    "attachment; filename=\"\(template.id).atelier.json\""
                ),
            ], Array((template.document ?? "").utf8))
    }

    private static func document(_ incoming: Incoming) throws -> String {
        guard incoming.mediaType ?? "application/json" == "application/json" else {
            throw Problem.wrongType("the body is application/json")
        }
        guard let text = String(validating: incoming.body, as: UTF8.self) else {
            throw Fault(
                .invalid, "the template was refused", fields: [FieldFault("", "is not UTF-8")])
        }
        return text
    }

    /// The document is JSON already: spliced in, not decoded and encoded again.
    private static func answer(_ status: Int, _ template: Orchestrator.Template) -> Answer {
        guard let document = template.document,
            let view = try? JSONCoding.encode(TemplateView(template))
        else { return .json(status, TemplateView(template)) }
        return .bytes(
            status, headers: [("Content-Type", "application/json")],
            Array("{\"document\":\(document),".utf8) + view.dropFirst())
    }

    // MARK: Presets

    @Sendable private func save(
        _ body: PresetDraft, _ incoming: Incoming
    ) async throws -> PresetView {
        do {
            let template = try await mesh.call(
                Orchestrator.PutTemplate(
                    user: incoming.identity.user, document: try body.document,
                    key: try incoming.idempotencyKey))
            return PresetView(
                Orchestrator.Preset(
                    id: template.id, name: template.name, summary: template.summary,
                    isBuiltIn: false, agents: template.agents, criteria: template.criteria))
        } catch let fault as Fault {
            throw PresetDraft.translated(fault)
        }
    }
}
