import Contracts
import Durable
import Mesh
import MeshContract
import Refinement
import ServiceKit
import Wire
import WriteStudio

/// The Write studio's sessions: made, started, continued, shown.
extension OrchestratorNode {
    func createSession(
        _ request: Orchestrator.CreateSession, _ call: Call
    ) async throws -> Orchestrator.Session {
        try await makeSession(request)
    }

    /// Makes a session for whoever may ask for one.
    func makeSession(
        _ request: Orchestrator.CreateSession
    ) async throws -> Orchestrator.Session {
        let record = try await keep(
            try await input(of: request), key: request.key, spendLimit: request.spendLimit,
            seconds: request.seconds, workspace: request.workspace)
        return request.start == true ? try await start(record) : try await view(record)
    }

    /// What a request comes to, its template and its uploads found. Throws `invalid`.
    func input(of request: Orchestrator.CreateSession) async throws -> SessionInput {
        let references = try await materials(request.references ?? [], of: request.user)
        let source = try await source(of: request)
        let faults = Self.faults(spend: request.spendLimit, seconds: request.seconds)
        guard faults.isEmpty else {
            throw Fault(.invalid, "the session was refused", fields: faults)
        }
        return try SessionRequest(request, saved: source, references: references).input()
    }

    private func keep(
        _ input: SessionInput, key: String?, spendLimit: Int64? = nil, seconds: Int? = nil,
        workspace: String? = nil
    ) async throws -> RunStore.Record {
        let run = Orchestrator.Run(
            id: ambient.makeID("run"), user: input.user, studio: "write",
            title: input.title, state: "queued", progress: 0, currentStep: nil, error: nil,
            stopReason: nil, createdAt: ambient.now(), startedAt: nil, endedAt: nil, cost: 0,
            lastSeq: 0, spendLimit: spendLimit, seconds: seconds, workspace: workspace,
            project: input.project)
        return try await store.insert(
            run, request: try WireEncoder.canonical(input), turns: input.template.mostTurns,
            key: key, atMost: config.runsPerUser)
    }

    func startSession(
        _ request: Orchestrator.StartSession, _ call: Call
    ) async throws -> Orchestrator.Session {
        try await start(try await sessionRecord(request.id, user: request.user))
    }

    /// Begins the run, once; a session that has begun is shown as it is. What billing would refuse
    /// is refused here, before anything is begun.
    private func start(_ record: RunStore.Record) async throws -> Orchestrator.Session {
        guard record.run.state == "queued" else { return try await view(record) }
        let input = try SessionInput(stored: record.request)
        try await checkCredits(input)
        try await begin(input, id: record.run.id)
        return try await view(try await store.record(record.run.id, user: record.run.user))
    }

    func begin(_ input: SessionInput, id: String) async throws {
        let (limits, lane) = (try await store.limits(id), await lane(of: input.user, "write"))
        try await engine.start(
            RefineWorkflow.self, input, id: id, limits: limits, lane: lane
        ) { db in
            try RunStore.checkStarted(id, in: db)
        }
    }

    private func checkCredits(_ input: SessionInput) async throws {
        let needed = TurnPrice.hold(turns: input.template.mostTurns)
        let status: Billing.Status
        do {
            status = try await mesh.call(Billing.GetStatus(account: input.user))
        } catch {
            guard error.isTransient else { throw error }
            return  // billing is away: the run waits for it, and holds its credits then
        }
        guard status.isUnlimited || status.available >= needed else {
            throw Fault(
                .noCredits,
                "the session needs \(Double(needed) / 1_000) credits and there are "
                    + "\(Double(status.available) / 1_000)")
        }
    }

    /// A new session that begins where an ended one stands: its document, agents and references, its
    /// locks, and what was turned down in it.
    func continueSession(
        _ request: Orchestrator.ContinueSession, _ call: Call
    ) async throws -> Orchestrator.Session {
        let record = try await sessionRecord(request.id, user: request.user)
        let sight = try await sight(of: record)
        guard sight.isOver else {
            throw Fault(
                .conflict, "the session is \(record.run.state): it can be continued once it ended")
        }
        var input = sight.input
        var changes = Template.Changes()
        (changes.maxRounds, changes.scoreThreshold) = (request.maxRounds, request.scoreThreshold)
        input.template = input.template.changed(by: changes)
        let faults =
            Self.faults(of: request)
            + TemplateRules.errors(in: input.template).map { FieldFault($0.pointer, $0.message) }
        if let fault = faults.first {
            throw Fault(
                .invalid, "the session cannot be continued so",
                fields: faults.filter { $0.pointer == fault.pointer })
        }
        input.draft = sight.manuscript.text
        input.locks = sight.manuscript.locks.filter {
            Locks.count(of: $0, in: input.draft) > 0
        }
        input.refused = Array(sight.manuscript.refusals.suffix(100))
        input.continues = record.run.id
        let made = try await keep(
            input, key: request.key, workspace: record.run.workspace)
        return request.start == false ? try await view(made) : try await start(made)
    }

    private static func faults(of request: Orchestrator.ContinueSession) -> [FieldFault] {
        var plan = SessionPlan(title: "", agents: [])
        plan.maxRounds = request.maxRounds ?? plan.maxRounds
        plan.scoreThreshold = request.scoreThreshold
        return plan.errors().filter { ["/max_rounds", "/score_threshold"].contains($0.pointer) }
            .filter { !$0.message.hasPrefix("needs") }
            .map { FieldFault($0.pointer, $0.message) }
    }

    func session(
        _ request: Orchestrator.GetSession, _ call: Call
    ) async throws -> Orchestrator.Session {
        try await view(try await sessionRecord(request.id, user: request.user))
    }

    func sessionRecord(_ id: String, user: String) async throws -> RunStore.Record {
        let record = try await store.record(id, user: user)
        guard record.run.studio == "write" else {
            throw Fault(.notFound, "no session \(id.prefix(100))")
        }
        return record
    }

    // MARK: Uploads

    private static let pieceBytes = 1 << 20

    /// The references with their texts: those that were uploaded are fetched.
    private func materials(
        _ references: [Orchestrator.Reference], of user: String
    ) async throws -> [Material] {
        var materials: [Material] = []
        for (index, reference) in references.prefix(SessionRequest.maxReferences + 1).enumerated() {
            guard let id = reference.id else {
                guard let content = reference.content else {
                    throw refused(
                        "/references/\(index)", "takes a content, or the id of an upload")
                }
                materials.append(Material(name: reference.name ?? "", text: content))
                continue
            }
            materials.append(
                try await upload(id, named: reference.name, at: "/references/\(index)/id", user))
        }
        return materials
    }

    private func upload(
        _ id: String, named name: String?, at pointer: String, _ user: String
    ) async throws -> Material {
        let artifact: Storage.Artifact
        do {
            artifact = try await mesh.call(Storage.GetArtifact(id: id))
        } catch {
            guard error.code == .notFound else { throw error }
            throw refused(pointer, "is no upload of yours")
        }
        guard artifact.owner == user else { throw refused(pointer, "is no upload of yours") }
        guard artifact.contentType.hasPrefix("text/") else {
            throw refused(pointer, "is \(artifact.contentType), and a reference is text")
        }
        guard artifact.bytes <= SessionRequest.maxTextBytes else {
            throw refused(pointer, "has more than \(SessionRequest.maxTextBytes) bytes")
        }
        var bytes: [UInt8] = []
        while bytes.count < artifact.bytes {
            let piece = try await mesh.call(
                Storage.ReadContent(id: id, offset: bytes.count, length: Self.pieceBytes))
            guard !piece.content.isEmpty else {
                throw Fault(.internal, "the content of \(id) ends at \(bytes.count)")
            }
            bytes += piece.content
        }
        return Material(name: name ?? artifact.name, text: String(decoding: bytes, as: UTF8.self))
    }

    private func refused(_ pointer: String, _ message: String) -> Fault {
        Fault(.invalid, "the session was refused", fields: [FieldFault(pointer, message)])
    }
}
