import MeshContract
import ServiceKit

/// What the orchestrator reads from its settings, judged before anything starts.
struct OrchestratorConfig: Sendable {
    /// The most runs in memory; the others wait in the journal.
    let width: Int
    /// The most runs of one user that have not ended.
    let runsPerUser: Int
    /// The most runs of one user that are at work at once, by plan; the others are queued.
    let runsAtOnce: [String: Int]
    /// For users whose plan is not known at the moment.
    let usualRunsAtOnce: Int
    let schedulesPerUser: Int
    let webhooksPerUser: Int
    /// True to send webhooks into private networks, and without TLS.
    let allowsPrivateWebhooks: Bool
    /// Between two looks for what is due.
    let schedulePause: Duration
    let webhookPause: Duration

    init(_ settings: Settings) throws(Fault) {
        width = try settings.integer("ATELIER_RUNS_IN_MEMORY", default: 256, in: 1...10_000)
        runsPerUser = try settings.integer("ATELIER_RUNS_PER_USER", default: 100, in: 1...100_000)
        func atOnce(_ plan: String, _ usual: Int) throws(Fault) -> Int {
            try settings.integer("ATELIER_RUNS_AT_ONCE_\(plan)", default: usual, in: 1...10_000)
        }
        usualRunsAtOnce = try atOnce("FREE", 3)
        runsAtOnce = [
            "free": usualRunsAtOnce, "starter": try atOnce("STARTER", 10),
            "pro": try atOnce("PRO", 30), "owner": width,
        ]
        schedulesPerUser = try settings.integer(
            "ATELIER_SCHEDULES_PER_USER", default: 20, in: 0...1_000)
        webhooksPerUser = try settings.integer(
            "ATELIER_WEBHOOKS_PER_USER", default: 10, in: 0...100)
        allowsPrivateWebhooks =
            try settings.integer("ATELIER_WEBHOOKS_PRIVATE", default: 0, in: 0...1) == 1
        schedulePause = .milliseconds(
            try settings.integer("ATELIER_SCHEDULE_MILLISECONDS", default: 1_000, in: 1...60_000))
        webhookPause = .milliseconds(
            try settings.integer("ATELIER_WEBHOOK_MILLISECONDS", default: 500, in: 1...60_000))
    }
}
