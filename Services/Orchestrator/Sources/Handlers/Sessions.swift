import Contracts
import Durable
import Mesh
import MeshContract
import Refinement
import ServiceKit
import Wire
import WriteStudio

/// The Write studio's sessions.
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
        let input = try SessionInput(request)
        let now = ambient.now()
        let run = Orchestrator.Run(
            id: ambient.makeID("run"), user: request.user, studio: "write",
            title: input.plan.title, state: "queued", progress: 0, currentStep: nil, error: nil,
            stopReason: nil, createdAt: now, startedAt: nil, endedAt: nil, cost: 0, lastSeq: 0)
        let record = try await store.insert(
            run, request: try WireEncoder.canonical(input),
            turns: input.plan.agents.count * input.plan.maxRounds, key: request.key,
            atMost: config.runsPerUser)
        if request.start == true { return try await start(record) }
        return try await view(record)
    }

    func startSession(
        _ request: Orchestrator.StartSession, _ call: Call
    ) async throws -> Orchestrator.Session {
        let record = try await store.record(request.id, user: request.user)
        guard record.run.studio == "write" else {
            throw Fault(.notFound, "no session \(request.id)")
        }
        return try await start(record)
    }

    /// Begins the run, once; a session that has begun is shown as it is. What billing would refuse
    /// is refused here, before anything is begun.
    private func start(_ record: RunStore.Record) async throws -> Orchestrator.Session {
        guard record.run.state == "queued" else { return try await view(record) }
        let input = try WireDecoder.decode(SessionInput.self, from: record.request)
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
        let needed = TurnPrice.hold(
            agents: input.plan.agents.count, rounds: input.plan.maxRounds)
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

    func session(
        _ request: Orchestrator.GetSession, _ call: Call
    ) async throws -> Orchestrator.Session {
        let record = try await store.record(request.id, user: request.user)
        guard record.run.studio == "write" else {
            throw Fault(.notFound, "no session \(request.id)")
        }
        return try await view(record)
    }

    func presets(
        _ request: Orchestrator.ListPresets, _ call: Call
    ) async throws -> Orchestrator.PresetList {
        Orchestrator.PresetList(
            presets: Preset.all.map { preset in
                Orchestrator.Preset(
                    id: preset.id, name: preset.name,
                    agents: preset.agents.map(Orchestrator.Agent.init))
            })
    }

    /// A session as far as its journal tells.
    private func view(_ record: RunStore.Record) async throws -> Orchestrator.Session {
        let input = try WireDecoder.decode(SessionInput.self, from: record.request)
        let turns = try await engine.outcomes(record.run.id)
            .filter { $0.path.hasSuffix(".answer") }.map { try $0.decode(TurnResult.self) }
        let progress = SessionProgress(input, turns)
        return Orchestrator.Session(
            run: record.run, document: progress.document, score: progress.score,
            bestRound: progress.bestRound, roundsCompleted: progress.rounds.count,
            maxRounds: input.plan.maxRounds, scoreThreshold: input.plan.scoreThreshold,
            agents: input.plan.agents.map(Orchestrator.Agent.init),
            rounds: progress.turns.enumerated().map { index, turns in
                let summary = index < progress.rounds.count ? progress.rounds[index] : nil
                return Orchestrator.Round(
                    number: index + 1, score: summary?.score,
                    criteria: (summary?.criteria ?? [:]).sorted { $0.key < $1.key }.map {
                        Orchestrator.CriterionScore(name: $0.key, score: $0.value)
                    }, turns: turns.map(Orchestrator.Turn.init))
            })
    }
}

extension Orchestrator.Agent {
    init(_ agent: Refinement.Agent) {
        self.init(
            name: agent.name, role: agent.role.rawValue,
            provider: agent.provider.isEmpty ? nil : agent.provider, model: agent.model,
            instructions: agent.instructions, temperature: agent.temperature)
    }
}

extension Orchestrator.Turn {
    init(_ turn: TurnResult) {
        self.init(
            agent: turn.agent, role: turn.role.rawValue, provider: turn.provider,
            model: turn.model, isOffline: turn.isOffline, text: turn.text,
            inputTokens: turn.usage.inputTokens, outputTokens: turn.usage.outputTokens,
            isEstimated: turn.usage.isEstimated, cost: turn.charged)
    }
}
