import Contracts
import Durable
import Refinement
import WriteStudio

/// Sessions as the contract shows them.
extension OrchestratorNode {
    func view(_ record: RunStore.Record) async throws -> Orchestrator.Session {
        try await view(try await sight(of: record))
    }

    func view(_ sight: SessionSight) async throws -> Orchestrator.Session {
        let (input, state) = (sight.input, sight.state)
        let rules = input.template.rules
        let standing = state.standing
        let result =
            sight.run.state == "completed"
            ? try await engine.result(sight.run.id, as: SessionResult.self) : nil
        return Orchestrator.Session(
            run: sight.run, document: sight.manuscript.text, revision: sight.revision,
            score: standing.score, bestRound: standing.round,
            roundsCompleted: state.results.count, maxRounds: input.template.mostRounds,
            scoreThreshold: rules?.threshold,
            plateau: rules?.plateau.map { .init(rounds: $0.rounds, within: $0.within) },
            stopText: result?.stopText, agents: input.template.agents.map(Orchestrator.Agent.init),
            criteria: input.template.criteria.map(Orchestrator.Criterion.init),
            rounds: state.rounds.map(Orchestrator.Round.init),
            references: input.references.map(Orchestrator.ReferenceCard.init),
            locks: sight.manuscript.locks.map { lock in
                .init(text: lock, count: Locks.count(of: lock, in: sight.manuscript.text))
            },
            openSuggestions: sight.manuscript.suggestions.count { $0.state == .open },
            pendingActs: sight.isOver ? 0 : sight.pending.count, template: input.source.id,
            templateVersion: input.source.version, templateName: input.source.name,
            continues: input.continues)
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

extension Orchestrator.Criterion {
    init(_ criterion: Refinement.Criterion) {
        self.init(name: criterion.name, weight: criterion.weight)
    }
}

extension Orchestrator.ReferenceCard {
    init(_ material: Material) {
        self.init(
            name: material.name, bytes: material.text.utf8.count,
            tokens: TokenEstimate.tokens(in: material.text))
    }
}

extension Orchestrator.Round {
    init(_ round: SessionState.Round) {
        let criteria = (round.record?.criteria ?? [:]).sorted { $0.key < $1.key }
        self.init(
            number: round.number, score: round.record?.score,
            criteria: criteria.map { .init(name: $0.key, score: $0.value) },
            turns: round.turns.map(Orchestrator.Turn.init),
            notes: (round.merged?.entries ?? []).map { entry in
                .init(
                    number: entry.number, text: entry.text, by: entry.by,
                    conflicts: entry.conflicts)
            })
    }
}

extension Orchestrator.Turn {
    init(_ turn: TurnResult) {
        self.init(
            agent: turn.agent, role: turn.role.rawValue, provider: turn.provider,
            model: turn.model, isOffline: turn.isOffline, text: turn.text,
            inputTokens: turn.usage.inputTokens, outputTokens: turn.usage.outputTokens,
            isEstimated: turn.usage.isEstimated, cost: turn.charged, score: turn.reading?.score,
            leftOut: (turn.leftOut ?? []).map { cut in
                .init(
                    name: cut.name, keptTokens: cut.keptTokens, totalTokens: cut.totalTokens)
            })
    }
}
