import MeshContract
import ServiceKit

/// What the orchestrator reads from its settings, judged before anything starts.
struct OrchestratorConfig: Sendable {
    /// The most runs in memory; the others wait in the journal.
    let width: Int
    /// The most runs of one user that have not ended.
    let runsPerUser: Int

    init(_ settings: Settings) throws(Fault) {
        width = try settings.integer("ATELIER_RUNS_IN_MEMORY", default: 256, in: 1...10_000)
        runsPerUser = try settings.integer("ATELIER_RUNS_PER_USER", default: 100, in: 1...100_000)
    }
}
