import Contracts
import Mesh
import MeshContract
import Refinement
import ServiceKit
import WriteStudio

/// Workflows as data: the built-in templates, and people's own.
extension OrchestratorNode {
    func listTemplates(
        _ request: Orchestrator.ListTemplates, _ call: Call
    ) async throws -> Orchestrator.TemplateList {
        let own = try await templates.list(user: request.user).map(Self.shown)
        return Orchestrator.TemplateList(
            templates: Template.builtIn.map { Self.shown($0.template, id: $0.id) }
                + own.map { Self.withoutDocument($0) })
    }

    func getTemplate(
        _ request: Orchestrator.GetTemplate, _ call: Call
    ) async throws -> Orchestrator.Template {
        if let known = Self.builtIn(request.id) {
            var shown = Self.shown(known, id: request.id)
            shown.document = try Self.text(known)
            return shown
        }
        return try Self.shown(
            try await templates.find(request.id, user: request.user, version: request.version))
    }

    func putTemplate(
        _ request: Orchestrator.PutTemplate, _ call: Call
    ) async throws -> Orchestrator.Template {
        let template: Template
        switch TemplateReader.read(Array(request.document.utf8)) {
        case .success(let read): template = read
        case .failure(let errors):
            throw Fault(
                .invalid, "the template was refused",
                fields: errors.fields.map { FieldFault($0.pointer, $0.message) })
        }
        // One form for all, so that the same template is the same text.
        let draft = TemplateStore.Draft(
            document: try Self.text(template), user: request.user, at: ambient.now())
        guard let id = request.id else {
            return try Self.shown(
                try await templates.insert(
                    draft, id: ambient.makeID("tpl"), key: request.key))
        }
        guard Self.builtIn(id) == nil else {
            throw Fault(.conflict, "\(id) is built in and never changes: keep a copy of it")
        }
        return try Self.shown(try await templates.update(draft, id: id, from: request.version))
    }

    func checkTemplate(
        _ request: Orchestrator.CheckTemplate, _ call: Call
    ) async throws -> Orchestrator.TemplateCheck {
        guard case .failure(let errors) = TemplateReader.read(Array(request.document.utf8)) else {
            return Orchestrator.TemplateCheck(faults: [])
        }
        return Orchestrator.TemplateCheck(
            faults: errors.fields.map { .init(pointer: $0.pointer, message: $0.message) })
    }

    func deleteTemplate(
        _ request: Orchestrator.DeleteTemplate, _ call: Call
    ) async throws -> Done {
        guard Self.builtIn(request.id) == nil else {
            throw Fault(.conflict, "\(request.id) is built in and stays")
        }
        try await templates.delete(request.id, user: request.user)
        return Done()
    }

    func presets(
        _ request: Orchestrator.ListPresets, _ call: Call
    ) async throws -> Orchestrator.PresetList {
        var all = Template.builtIn.map { Self.shown($0.template, id: $0.id) }
        if let user = request.user {
            all += try await templates.list(user: user).map(Self.shown)
        }
        return Orchestrator.PresetList(
            presets: all.map { template in
                Orchestrator.Preset(
                    id: template.id, name: template.name, summary: template.summary,
                    isBuiltIn: template.isBuiltIn, agents: template.agents,
                    criteria: template.criteria)
            })
    }

    // MARK: For sessions

    /// The template that a session is to be of; nil where its request names a built-in preset, or
    /// none.
    func source(
        of request: Orchestrator.CreateSession
    ) async throws -> (source: SessionInput.Source, template: Template)? {
        if let id = request.template {
            guard request.preset == nil else {
                throw Self.refused("/preset", "stands beside a template: name one of them")
            }
            if let known = Self.builtIn(id) {
                return (SessionInput.Source(id: id, name: known.name), known)
            }
            do {
                return try Self.saved(
                    try await templates.find(
                        id, user: request.user, version: request.templateVersion))
            } catch let fault as Fault {
                guard fault.code == .notFound else { throw fault }
                throw Self.refused(
                    "/template_id", "is no template of yours, or has no such version")
            }
        }
        guard let name = request.preset, Preset.named(name) == nil else { return nil }
        let own = try await templates.list(user: request.user).map(Self.saved)
        return own.first { $0.source.id == name } ?? own.first { $0.template.name == name }
    }

    private static func refused(_ pointer: String, _ message: String) -> Fault {
        Fault(.invalid, "the session was refused", fields: [FieldFault(pointer, message)])
    }

    private static func saved(
        _ record: TemplateStore.Record
    ) throws -> (source: SessionInput.Source, template: Template) {
        let template = try read(record)
        return (
            SessionInput.Source(id: record.id, version: record.version, name: template.name),
            template
        )
    }

    // MARK: Forms

    private static func builtIn(_ id: String) -> Template? {
        Template.builtIn.first { $0.id == id }?.template
    }

    private static func text(_ template: Template) throws -> String {
        String(decoding: try template.json(), as: UTF8.self)
    }

    private static func read(_ record: TemplateStore.Record) throws -> Template {
        do {
            return try TemplateReader.read(Array(record.document.utf8)).get()
        } catch {
            // It was read before it was kept: only older code could have kept what this one refuses.
            throw Fault(
                .conflict, "template \(record.id) does not fit this version: save it again",
                fields: error.fields.map { FieldFault($0.pointer, $0.message) })
        }
    }

    private static func shown(
        _ record: TemplateStore.Record
    ) throws -> Orchestrator.Template {
        var shown = shown(try read(record), id: record.id)
        (shown.version, shown.isBuiltIn) = (record.version, false)
        (shown.createdAt, shown.updatedAt) = (record.createdAt, record.updatedAt)
        shown.document = record.document
        return shown
    }

    private static func withoutDocument(
        _ template: Orchestrator.Template
    ) -> Orchestrator.Template {
        var template = template
        template.document = nil
        return template
    }

    private static func shown(_ template: Template, id: String) -> Orchestrator.Template {
        Orchestrator.Template(
            id: id, name: template.name, summary: template.summary, studio: template.studio,
            version: nil, isBuiltIn: true, agents: template.agents.map(Orchestrator.Agent.init),
            criteria: template.criteria.map(Orchestrator.Criterion.init),
            maxRounds: template.mostRounds, gates: template.gateCount, createdAt: nil,
            updatedAt: nil, document: nil)
    }
}
