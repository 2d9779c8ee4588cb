import Contracts
import Fakes
import Mesh
import MeshContract
import Refinement
import Testing
import Testkit

@testable import OrchestratorService

@Suite("Templates that people keep", .timeLimit(.minutes(1)))
struct TemplateTests {
    static func document(
        _ name: String = "Two and a gate", max: Int = 2, gate: Bool = false
    ) -> String {
        """
        {"format": "atelier.template", "version": 1, "studio": "write", "name": "\(name)",
         "agents": [{"name": "Writer", "role": "writer"}, {"name": "Critic", "role": "critic"}],
         "criteria": [{"name": "wit", "weight": 1}],
         "steps": [{"loop": {"max": \(max), "steps": [{"turn": "Writer"}, {"turn": "Critic"}]}}
         \(gate ? ", {\"gate\": \"final\"}" : "")]}
        """
    }

    private func put(
        _ rig: Rig, _ document: String, id: String? = nil, version: Int? = nil,
        key: String? = nil, user: String = Rig.user
    ) async throws -> Orchestrator.Template {
        try await rig.gateway.call(
            Orchestrator.PutTemplate(
                user: user, id: id, document: document, version: version, key: key))
    }

    @Test("a template is kept in versions, and each can be read again")
    func versions() async throws {
        let rig = try await Rig(jobs: false)
        let one = try await put(rig, Self.document())
        #expect(one.version == 1 && one.id.hasPrefix("tpl_"))
        #expect(one.maxRounds == 2 && one.gates == 0 && !one.isBuiltIn)
        let two = try await put(rig, Self.document(max: 5, gate: true), id: one.id, version: 1)
        #expect(two.version == 2 && two.maxRounds == 5 && two.gates == 1)
        // The same again is no new version.
        #expect(
            try await put(rig, Self.document(max: 5, gate: true), id: one.id).version == 2)
        let old = try await rig.gateway.call(
            Orchestrator.GetTemplate(user: Rig.user, id: one.id, version: 1))
        #expect(old.maxRounds == 2)
        #expect(
            try await refusal { try await put(rig, Self.document(max: 3), id: one.id, version: 1) }
                .code == .conflict)
        let list = try await rig.gateway.call(Orchestrator.ListTemplates(user: Rig.user)).templates
        #expect(list.map(\.isBuiltIn) == [true, true, true, true, true, false])
        #expect(list.last?.version == 2 && list.last?.document == nil)
    }

    @Test("what is exported is imported again as it was, also by somebody else")
    func exchange() async throws {
        let rig = try await Rig(jobs: false)
        let made = try await put(rig, Self.document())
        let document = try #require(
            try await rig.gateway.call(Orchestrator.GetTemplate(user: Rig.user, id: made.id))
                .document)
        let copy = try await put(rig, document, user: "usr_2")
        #expect(copy.document == document && copy.id != made.id)
        for preset in Template.builtIn {
            let shown = try await rig.gateway.call(
                Orchestrator.GetTemplate(user: Rig.user, id: preset.id))
            #expect(shown.isBuiltIn && shown.version == nil)
            #expect(try await put(rig, try #require(shown.document)).name == shown.name)
        }
    }

    @Test("what is wrong is named by its place, and nothing is kept")
    func refused() async throws {
        let rig = try await Rig(jobs: false)
        let bad = Self.document().replacing("\"turn\": \"Critic\"", with: "\"turn\": \"Nobody\"")
        let fault = try await refusal { try await put(rig, bad) }
        #expect(fault.code == .invalid)
        #expect(fault.fields?.map(\.pointer) == ["/steps/0/loop/steps/1/turn"])
        let check = try await rig.gateway.call(Orchestrator.CheckTemplate(document: bad))
        #expect(check.faults.map(\.pointer) == ["/steps/0/loop/steps/1/turn"])
        let good = try await rig.gateway.call(
            Orchestrator.CheckTemplate(document: Self.document()))
        #expect(good.faults.isEmpty)
        #expect(
            try await rig.gateway.call(Orchestrator.ListTemplates(user: Rig.user)).templates.count
                == 5)
        #expect(
            try await refusal { try await put(rig, Self.document(), id: "legal") }.code
                == .conflict)
        #expect(
            try await refusal { try await put(rig, Self.document(), id: "tpl_x") }.code
                == .notFound)
    }

    @Test("one key keeps one template; a template is its owner's")
    func keys() async throws {
        let rig = try await Rig(jobs: false)
        let made = try await put(rig, Self.document(), key: "k")
        #expect(try await put(rig, Self.document(), key: "k").id == made.id)
        #expect(
            try await refusal { try await put(rig, Self.document("Other"), key: "k") }.code
                == .conflict)
        for call in [
            { @Sendable in
                _ = try await rig.gateway.call(
                    Orchestrator.GetTemplate(user: "usr_2", id: made.id))
            },
            { @Sendable in
                _ = try await rig.gateway.call(
                    Orchestrator.DeleteTemplate(user: "usr_2", id: made.id))
            },
        ] {
            #expect(try await refusal { try await call() }.code == .notFound)
        }
        _ = try await rig.gateway.call(
            Orchestrator.DeleteTemplate(user: Rig.user, id: made.id))
        #expect(
            try await refusal {
                try await rig.gateway.call(
                    Orchestrator.GetTemplate(user: Rig.user, id: made.id))
            }.code == .notFound)
    }

    @Test("a session is run from a template as it was then, and may change its figures")
    func run() async throws {
        let rig = try await Rig()
        let made = try await put(rig, Self.document())
        var request = Orchestrator.CreateSession(
            user: Rig.user, title: "T", draft: "A draft.", template: made.id, maxRounds: 1,
            start: true)
        let id = try await rig.gateway.call(request).run.id
        _ = try await put(rig, Self.document(max: 4), id: made.id)
        try await rig.until(id, "completed")
        let session = try await rig.session(id)
        #expect(session.template == made.id && session.templateVersion == 1)
        #expect(session.maxRounds == 1 && session.roundsCompleted == 1)
        #expect(session.stopText == "Its one round was made.")
        #expect(session.criteria == [.init(name: "wit", weight: 1)])
        // As a preset by its name, too.
        (request.template, request.preset) = (nil, "Two and a gate")
        (request.maxRounds, request.start) = (nil, nil)
        #expect(try await rig.gateway.call(request).maxRounds == 4)
        request.agents = [.init(name: "Writer", role: "writer", model: "fast")]
        #expect(try await rig.gateway.call(request).agents.map(\.model) == ["fast", "critic"])
        request.agents = [.init(name: "Poet", role: "writer")]
        let fault = try await refusal { try await rig.gateway.call(request) }
        #expect(fault.fields?.map(\.pointer) == ["/agents/0/name"])
        request.agents = nil
        (request.template, request.preset) = ("tpl_none", nil)
        #expect(
            try await refusal { try await rig.gateway.call(request) }.fields?.map(\.pointer)
                == ["/template_id"])
        let presets = try await rig.gateway.call(Orchestrator.ListPresets(user: Rig.user)).presets
        #expect(presets.map(\.isBuiltIn).count { !$0 } == 1)
        #expect(presets.last?.name == "Two and a gate")
    }

    @Test("references may be uploads of one's own")
    func uploads() async throws {
        let rig = try await Rig()
        let orchestrator = rig.mesh.client(as: "gateway")
        func upload(_ owner: String, _ type: String, _ key: String) async throws -> String {
            try await orchestrator.call(
                Storage.PutDocument(
                    owner: owner, run: nil, name: "notes.md", contentType: type,
                    content: Array("Some notes.".utf8), key: key)
            ).id
        }
        let id = try await upload(Rig.user, "text/markdown; charset=utf-8", "a")
        var request = Rig.request()
        request.references = [.init(id: id), .init(name: "own", content: "Words.")]
        let session = try await rig.gateway.call(request)
        #expect(session.references.map(\.name) == ["notes.md", "own"])
        #expect(session.references.map(\.bytes) == [11, 6])
        for (owner, type) in [("usr_2", "text/plain"), (Rig.user, "image/png")] {
            request.references = [.init(id: try await upload(owner, type, owner + type))]
            let fault = try await refusal { try await rig.gateway.call(request) }
            #expect(fault.fields?.map(\.pointer) == ["/references/0/id"])
        }
        request.references = [.init(name: "nothing")]
        #expect(
            try await refusal { try await rig.gateway.call(request) }.fields?.map(\.pointer)
                == ["/references/0"])
    }
}
