import Contracts
import Mesh
import MeshContract
import REST

/// What runs cost: estimated before they begin, and counted afterwards.
struct CostEndpoints: Sendable {
    struct Span: Codable, Sendable {
        var from: Double
        var to: Double
    }

    struct CountSpan: Codable, Sendable {
        var from: Int64
        var to: Int64

        init(_ span: Orchestrator.Estimate.Span) { (from, to) = (span.least, span.most) }
    }

    struct EstimateView: Codable, Sendable {
        /// Always: from one round to all of them, at list prices.
        var isEstimate: Bool
        var credits: Span
        var dollars: Span
        var turns: CountSpan
        var inputTokens: CountSpan
        var outputTokens: CountSpan
        /// What is set aside at the start, in credits.
        var held: Double
        /// False where a model has no known price.
        var isPriced: Bool
        var isOffline: Bool

        init(_ estimate: Orchestrator.Estimate) {
            func span(_ span: Orchestrator.Estimate.Span, _ unit: Double) -> Span {
                Span(from: Double(span.least) / unit, to: Double(span.most) / unit)
            }
            (isEstimate, isPriced) = (true, estimate.isPriced)
            isOffline = estimate.isOffline
            credits = span(estimate.cost, 1_000)
            dollars = span(estimate.costMicroUSD, 1_000_000)
            turns = CountSpan(estimate.turns)
            inputTokens = CountSpan(estimate.inputTokens)
            outputTokens = CountSpan(estimate.outputTokens)
            held = Double(estimate.hold) / 1_000
        }
    }

    struct ModelCost: Codable, Sendable {
        var model: String
        var turns: Int
        var inputTokens: Int
        var outputTokens: Int
        var dollars: Double

        init(_ slice: Analytics.Slice) {
            (model, turns) = (slice.name, slice.totals.turns)
            (inputTokens, outputTokens) = (slice.totals.inputTokens, slice.totals.outputTokens)
            dollars = CostEndpoints.dollars(slice.totals)
        }
    }

    struct CostView: Codable, Sendable {
        var runId: String
        /// Charged so far.
        var credits: Double
        var spendLimit: Double?
        /// At list prices, of the models whose price is known.
        var dollars: Double
        var turns: Int
        var inputTokens: Int
        var outputTokens: Int
        var models: [ModelCost]
    }

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .post(
                "/runs/estimate", "Estimates what a session would cost, and makes nothing",
                bodyLimit: SessionEndpoints.bodyLimit, SessionEndpoints.Draft.self, estimate
            ).example(SessionEndpoints.example).rules(SessionEndpoints.rules).scoped(.read).keyed(
                false),
            .get("/runs/{id}/cost", "Shows what a run has cost, by model", cost),
        ]
    }

    @Sendable private func estimate(
        _ body: SessionEndpoints.Draft, _ incoming: Incoming
    ) async throws -> EstimateView {
        let request = try body.request(of: incoming.identity.user)
        do throws(Fault) {
            return EstimateView(
                try await mesh.call(Orchestrator.EstimateSession(session: request)))
        } catch {
            throw error.namedAsSessions()
        }
    }

    @Sendable private func cost(_ incoming: Incoming) async throws -> CostView {
        let user = incoming.identity.user
        let run = try await mesh.call(
            Orchestrator.GetRun(user: user, id: incoming.parameter("id")))
        let usage = try await mesh.call(Analytics.GetUsage(user: user, run: run.id))
        return CostView(
            runId: run.id, credits: credits(run.cost), spendLimit: run.spendLimit.map(credits),
            dollars: Self.dollars(usage.totals), turns: usage.totals.turns,
            inputTokens: usage.totals.inputTokens, outputTokens: usage.totals.outputTokens,
            models: usage.models.map(ModelCost.init))
    }

    /// What turns cost at list prices.
    static func dollars(_ totals: Analytics.Totals) -> Double {
        Double(totals.costMicroUSD) / 1_000_000
    }
}
