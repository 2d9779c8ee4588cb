import Contracts
import Durable
import Mesh
import MeshContract
import Refinement

/// One agent's turn: its prompt made to fit what its model reads, and what comes of it.
struct Turns: Sendable {
    let mesh: MeshClient
    let live: LiveText
    let open: OpenStreams
    /// What each agent's model can read, by the agent's name.
    let windows: [String: ModelWindow]

    /// Where in a round a turn stands.
    struct Place: Sendable {
        var round: Int
        var position: Int
    }

    /// The answer, as its step is journaled.
    func take(
        _ agent: Agent, _ place: Place, on state: SessionState, in run: Run
    ) async throws -> TurnResult {
        let (request, cuts) = try request(agent, place, state)
        let settlement = Settlement(
            agent: agent, round: place.round, criteria: state.input.template.criteria,
            position: place.position, version: state.manuscript.latest.number,
            leftOut: cuts.isEmpty ? nil : cuts, before: state.manuscript.text)
        return try await Exchange(
            mesh: mesh, live: live, open: open, agent: agent, round: place.round,
            request: request, cuts: cuts, settlement: settlement
        ).take(in: run)
    }

    // MARK: The prompt

    private func request(
        _ agent: Agent, _ place: Place, _ state: SessionState
    ) throws -> (Providers.Generate, [ReferenceCut]) {
        let window = windows[agent.name] ?? ModelWindow(contextTokens: nil, outputTokens: nil)
        let bare = prompt(agent, place, state, references: [])
        let tokens = TokenEstimate.tokens(in: bare.system) + TokenEstimate.tokens(in: bare.message)
        guard let room = window.room(beside: tokens) else {
            throw StepFailure(
                path: "", code: Fault.Code.invalid.rawValue,
                message: "\(agent.name)'s model reads \(window.contextTokens ?? 0) tokens at most, "
                    + "and the document with what it is told takes about \(tokens) beside its "
                    + "answer: choose a model that reads more, or a shorter document")
        }
        let fitted = FittedReferences(state.input.references, room: room)
        let prompt =
            fitted.materials.isEmpty
            ? bare : prompt(agent, place, state, references: fitted.materials)
        let request = Providers.Generate(
            key: "", user: state.input.user, run: "", agent: agent.name,
            provider: agent.provider.isEmpty ? nil : agent.provider,
            model: agent.model.isEmpty ? nil : agent.model, system: prompt.system,
            messages: [Providers.Message(role: "user", content: prompt.message)],
            maxTokens: window.answerTokens, temperature: agent.temperature,
            project: state.input.project)
        return (request, fitted.cuts)
    }

    private func prompt(
        _ agent: Agent, _ place: Place, _ state: SessionState, references: [Material]
    ) -> Prompt {
        let input = state.input
        let rounds = max(input.template.mostRounds, place.round)
        if agent.role.reviews {
            return Prompts.reviewing(
                agent, title: input.title, document: state.manuscript.text,
                criteria: input.template.criteria, references: references, round: place.round,
                of: rounds)
        }
        return Prompts.writing(
            agent, title: input.title, document: state.manuscript.text,
            critiques: state.critiques, references: references, locks: state.manuscript.locks,
            refusals: state.manuscript.refusals, round: place.round, of: rounds)
    }
}
