import Contracts
public import Durable
public import Mesh
import Refinement

/// The first form of a session's run, kept as it was for runs that began with it: their journals have
/// its steps, at its places. New runs begin with `RefineWorkflow`.
public struct RefineWorkflow1: Workflow {
    public static let name = "write.refine"
    public static let version = 1

    let mesh: MeshClient
    let live: LiveText

    public init(mesh: MeshClient, live: LiveText) { (self.mesh, self.live) = (mesh, live) }

    public func run(_ input: SessionInput1, _ run: Run) async throws -> SessionResult {
        let frame = RunFrame(mesh: mesh, live: live, user: input.user)
        let amount = TurnPrice.hold(turns: input.plan.agents.count * input.plan.maxRounds)
        return try await frame.run(run, holding: amount) { run in
            let (progress, reason) = try await rounds(input, run, frame.open)
            return RunFrame.Work(
                document: progress.document,
                result: SessionResult(
                    artifact: "", score: progress.score, bestRound: progress.bestRound,
                    rounds: progress.rounds.count, stopReason: reason, stopText: nil))
        }
    }

    private func rounds(
        _ input: SessionInput1, _ run: Run, _ open: OpenStreams
    ) async throws -> (SessionProgress1, String) {
        var results: [TurnResult] = []
        while true {
            let progress = SessionProgress1(input, results)
            switch input.plan.rules.decide(after: progress.rounds.map(\.result)) {
            case .stop(let reason): return (progress, reason.rawValue)
            case .proceed(let number):
                results += try await run.scope("round") { run in
                    let turns = Turns1(mesh: mesh, live: live, input: input, open: open)
                    let document = progress.rounds.last?.document ?? input.draft
                    let made = try await turns.round(
                        number, document: document, earlier: results, in: run)
                    let summary = RoundSummary1(number: number, before: document, turns: made)
                    let best = RoundRules.bestRound(
                        of: progress.rounds.map(\.result) + [summary.result])
                    _ = try await run.step("score", .patient) { step in
                        try step.emit(
                            SessionEvent.roundCompleted,
                            SessionEvent.RoundCompleted(
                                round: number, score: summary.score, criteria: summary.criteria,
                                bestRound: best))
                        return Durable.Done()
                    }
                    return made
                }
            }
        }
    }
}
