import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/billing` and `/analytics`: credits and what was used.
struct MoneyEndpoints: Sendable {
    struct Credits: Codable, Sendable {
        var available: Double
        var held: Double
        var granted: Double
        var unlimited: Bool
    }

    struct StatusView: Codable, Sendable {
        var plan: String
        var credits: Credits
        var renewsAt: String?
    }

    struct EntryView: Codable, Sendable {
        var id: String
        var at: String
        var kind: String
        var amount: Double
        var runId: String?
        var key: String
        var balance: Double
        /// What it was for: the model, or that none was called.
        var note: String?
    }

    struct StatsView: Codable, Sendable {
        var projectsCreated: Int
        var maxProjects: Int
        var projectsRemaining: Int
        /// Of every studio.
        var runsCreated: Int
        var turns: Int
        var totalTokensUsed: Int
        var estimatedCostUsd: Double
        var runs: [Orchestrator.StateCount]
    }

    private static let mostProjects = 100

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/billing/status", "Shows plan and credits", status),
            .get("/billing/ledger", "Lists the account's entries, newest first", ledger).paged(),
            .get("/analytics/usage", "Sums what was used, by model and day") {
                try await mesh.call(
                    Analytics.GetUsage(
                        user: $0.identity.user, run: $0.request.queryValue("run_id")))
            }.takes(.text("run_id", "Only what this run has used")),
            .get("/analytics/models", "Lists the models that can be used") {
                try Page(
                    try await mesh.call(Providers.ListModels()).models, $0, in: 1...1_000
                ) {
                    "\($0.provider)/\($0.model)"
                }
            }.paged(1...1_000),
            .get("/users/me/stats", "Sums a user's use", stats),
        ]
    }

    @Sendable private func status(_ incoming: Incoming) async throws -> StatusView {
        let status = try await mesh.call(Billing.GetStatus(account: incoming.identity.user))
        return StatusView(
            plan: status.plan,
            credits: Credits(
                available: credits(status.available), held: credits(status.held),
                granted: credits(status.granted), unlimited: status.isUnlimited),
            renewsAt: status.renewsAt.map(rfc3339))
    }

    @Sendable private func ledger(_ incoming: Incoming) async throws -> Page<EntryView> {
        var before: Int64?
        if let cursor = incoming.request.queryValue("cursor") {
            guard let number = Int64(cursor) else {
                throw Fault(.invalid, "?cursor= takes the next_cursor of a page")
            }
            before = number
        }
        let page = try await mesh.call(
            Billing.ListLedger(
                account: incoming.identity.user, before: before,
                limit: try incoming.number("limit", default: 50, in: 1...200)))
        let items = page.entries.map { entry in
            EntryView(
                id: "\(entry.id)", at: rfc3339(entry.at), kind: entry.kind,
                amount: credits(entry.amount), runId: entry.run, key: entry.key,
                balance: credits(entry.balance), note: entry.note)
        }
        return Page(items: items, nextCursor: page.next.map(String.init))
    }

    @Sendable private func stats(_ incoming: Incoming) async throws -> StatsView {
        let user = incoming.identity.user
        let totals = try await mesh.call(Analytics.GetUsage(user: user)).totals
        let runs = try await mesh.call(Orchestrator.GetStats(user: user))
        return StatsView(
            // There are none before the studio that groups runs.
            projectsCreated: 0, maxProjects: Self.mostProjects,
            projectsRemaining: Self.mostProjects,
            runsCreated: runs.states.reduce(0) { $0 + $1.count },
            turns: totals.turns, totalTokensUsed: totals.inputTokens + totals.outputTokens,
            estimatedCostUsd: Double(totals.costMicroUSD) / 1_000_000, runs: runs.states)
    }
}
