import Contracts
import HTTP
import Mesh
import MeshContract
import REST
import ServiceKit

/// What a user has used lately: `/billing/usage` by day, `/analytics/summary` in one look.
struct UsageEndpoints: Sendable {
    struct DayView: Codable, Sendable {
        /// Such as `2026-01-31`, in UTC.
        var day: String
        var turns: Int
        var inputTokens: Int
        var outputTokens: Int
        var dollars: Double
    }

    struct UsageView: Codable, Sendable {
        var since: String
        var turns: Int
        var inputTokens: Int
        var outputTokens: Int
        /// At list prices, of the models whose price is known.
        var dollars: Double
        var days: [DayView]
    }

    struct SummaryView: Codable, Sendable {
        var since: String
        var turns: Int
        var failures: Int
        var inputTokens: Int
        var outputTokens: Int
        var dollars: Double
        /// Mean time of a turn.
        var secondsPerTurn: Double?
        /// Of all time.
        var runs: [Orchestrator.StateCount]
        /// Those that were used most, at most ten.
        var models: [CostEndpoints.ModelCost]
    }

    private static let day: Int64 = 86_400_000
    private static let mostModels = 10
    private static let days = Parameter.number("days", 1...366, "How far back; 30 without it")
    private static let project = Parameter.text("project_id", "Only what was used for this project")

    let mesh: MeshClient
    let ambient: Ambient

    var all: [Endpoint] {
        [
            .get("/billing/usage", "Shows what was used lately, by day", usage)
                .takes(Self.days, Self.project),
            .get("/analytics/summary", "Shows in one look what was used lately", summary)
                .takes(Self.days),
        ]
    }

    private func report(
        _ incoming: Incoming
    ) async throws -> (since: Int64, report: Analytics.UsageReport) {
        let days = Int64(try incoming.number("days", default: 30, in: 1...366))
        // From the beginning of a day, so that every day is told whole.
        let since = (ambient.now() / Self.day - days + 1) * Self.day
        return (
            since,
            try await mesh.call(
                Analytics.GetUsage(
                    user: incoming.identity.user, since: since,
                    project: incoming.request.queryValue("project_id")))
        )
    }

    @Sendable private func usage(_ incoming: Incoming) async throws -> UsageView {
        let (since, report) = try await report(incoming)
        let totals = report.totals
        return UsageView(
            since: rfc3339(since), turns: totals.turns, inputTokens: totals.inputTokens,
            outputTokens: totals.outputTokens, dollars: CostEndpoints.dollars(totals),
            days: report.days.map { slice in
                DayView(
                    day: slice.name, turns: slice.totals.turns,
                    inputTokens: slice.totals.inputTokens,
                    outputTokens: slice.totals.outputTokens,
                    dollars: CostEndpoints.dollars(slice.totals))
            })
    }

    @Sendable private func summary(_ incoming: Incoming) async throws -> SummaryView {
        let (since, report) = try await report(incoming)
        let runs = try await mesh.call(Orchestrator.GetStats(user: incoming.identity.user))
        let totals = report.totals
        let models = report.models.sorted { $0.totals.turns > $1.totals.turns }
        return SummaryView(
            since: rfc3339(since), turns: totals.turns, failures: totals.failures,
            inputTokens: totals.inputTokens, outputTokens: totals.outputTokens,
            dollars: CostEndpoints.dollars(totals),
            secondsPerTurn: totals.turns > 0
                ? Double(totals.durationMilliseconds) / 1_000 / Double(totals.turns) : nil,
            runs: runs.states,
            models: models.prefix(Self.mostModels).map(CostEndpoints.ModelCost.init))
    }
}
