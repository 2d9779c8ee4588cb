import Contracts
import Durable
import Mesh
import MeshContract
import Refinement

/// One round: every agent takes its turn, in order; reviewers side by side where the plan says so.
struct Turns1: Sendable {
    /// Room for a long document; a model's own limit may be lower.
    private static let maxTokens = 16_000

    let mesh: MeshClient
    let live: LiveText
    let input: SessionInput1
    let open: OpenStreams

    func round(
        _ number: Int, document: String, earlier: [TurnResult], in run: Run
    ) async throws -> [TurnResult] {
        try run.emit(SessionEvent.roundStarted, SessionEvent.RoundStarted(round: number))
        var results: [TurnResult] = []
        var rest = input.plan.agents[...]
        while let agent = rest.first {
            let text = results.last { $0.role == .writer }?.text ?? document
            var group = [agent]
            if input.plan.parallelCritique && agent.role.reviews {
                group = Array(rest.prefix { $0.role.reviews })
            }
            rest = rest.dropFirst(group.count)
            if group.count == 1 {
                results.append(
                    try await turn(of: agent, number, text, earlier + results, in: run))
            } else {
                let before = earlier + results
                results += try await run.parallel("reviews", group) { agent, run in
                    try await turn(of: agent, number, text, before, in: run)
                }
            }
        }
        return results
    }

    private func turn(
        of agent: Agent, _ number: Int, _ document: String, _ earlier: [TurnResult], in run: Run
    ) async throws -> TurnResult {
        try await Exchange(
            mesh: mesh, live: live, open: open, agent: agent, round: number,
            request: request(agent, number, document, earlier),
            settlement: Settlement(
                agent: agent, round: number, criteria: input.plan.criteria)
        ).take(in: run)
    }

    private func request(
        _ agent: Agent, _ number: Int, _ document: String, _ earlier: [TurnResult]
    ) -> Providers.Generate {
        let plan = input.plan
        let prompt =
            agent.role.reviews
            ? Prompts.reviewing(
                agent, title: plan.title, document: document, criteria: plan.criteria,
                references: input.references, round: number, of: plan.maxRounds)
            : Prompts.writing(
                agent, title: plan.title, document: document, critiques: critiques(earlier),
                references: input.references, round: number, of: plan.maxRounds)
        return Providers.Generate(
            key: "", user: input.user, run: "", agent: agent.name,
            provider: agent.provider.isEmpty ? nil : agent.provider,
            model: agent.model.isEmpty ? nil : agent.model, system: prompt.system,
            messages: [Providers.Message(role: "user", content: prompt.message)],
            maxTokens: Self.maxTokens, temperature: agent.temperature)
    }

    /// What the reviewers last said: each one's newest review.
    private func critiques(_ earlier: [TurnResult]) -> [Material] {
        input.plan.agents.filter(\.role.reviews).compactMap { agent in
            earlier.last { $0.agent == agent.name }.map { Material(name: $0.agent, text: $0.text) }
        }
    }
}
