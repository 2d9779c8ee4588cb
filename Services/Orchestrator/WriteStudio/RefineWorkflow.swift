import Contracts
public import Durable
public import Mesh
import Refinement

/// A document refined by agents as a template says: hold credits, rounds of turns, store, release.
///
/// One workflow for every template. Its steps stand where the template's steps stand, so a journal and
/// the template in its input always agree.
public struct RefineWorkflow: Workflow {
    public static let name = "write.refine"
    public static let version = 2

    let mesh: MeshClient
    let live: LiveText
    let desk: any Desk

    public init(mesh: MeshClient, live: LiveText, desk: any Desk) {
        (self.mesh, self.live, self.desk) = (mesh, live, desk)
    }

    public func run(_ input: SessionInput, _ run: Run) async throws -> SessionResult {
        let frame = RunFrame(mesh: mesh, live: live, user: input.user)
        let amount = TurnPrice.hold(turns: input.template.mostTurns)
        return try await frame.run(run, holding: amount) { run in
            let windows = try await windows(of: input.template.agents, run)
            let turns = Turns(mesh: mesh, live: live, open: frame.open, windows: windows)
            var play = Play(turns: turns, desk: desk, state: SessionState(input))
            let (reason, words) = try await play.all(in: run)
            let standing = play.state.standing
            return RunFrame.Work(
                document: play.state.manuscript.text,
                result: SessionResult(
                    artifact: "", score: standing.score, bestRound: standing.round,
                    rounds: play.state.results.count, stopReason: reason.rawValue,
                    stopText: words))
        }
    }

    /// What the agents' models can read. Asked once, so that a run's prompts stay what they were when
    /// the catalogue learns something new.
    private func windows(
        of agents: [Agent], _ run: Run
    ) async throws -> [String: ModelWindow] {
        let found = try await run.step("models", .patient) { _ in
            var windows: [ModelWindow] = []
            for agent in agents {
                let card = try await mesh.call(
                    Providers.FindModel(
                        provider: agent.provider.isEmpty ? nil : agent.provider,
                        model: agent.model.isEmpty ? nil : agent.model))
                windows.append(
                    ModelWindow(
                        contextTokens: card.contextTokens, outputTokens: card.outputTokens))
            }
            return windows
        }
        return Dictionary(zip(agents.map(\.name), found), uniquingKeysWith: { first, _ in first })
    }
}
