import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/environment`: the Environment role's check, for whoever is about to begin something.
struct EnvironmentEndpoints: Sendable {
    struct Span: Codable, Sendable {
        var p50: Double
        var p95: Double
        var p99: Double

        init(_ times: Providers.Percentiles) { (p50, p95, p99) = (times.p50, times.p95, times.p99) }
    }

    struct TargetView: Codable, Sendable {
        var provider: String
        var model: String
        /// `ok`, `failing`, `cooling`, or `unused` for what nobody has asked yet.
        var state: String
        var requests: Int
        var inFlight: Int
        var errors: [Providers.ErrorCount]
        var coolingMilliseconds: Int?
        var firstTokenMilliseconds: Span?
        var durationMilliseconds: Span?
        var lastErrorAt: String?

        init(_ target: Providers.TargetHealth) {
            (provider, model, state) = (target.provider, target.model, target.state)
            (requests, inFlight, errors) = (target.requests, target.inFlight, target.errors)
            coolingMilliseconds = target.coolingMilliseconds
            firstTokenMilliseconds = target.firstTokenMilliseconds.map(Span.init)
            durationMilliseconds = target.durationMilliseconds.map(Span.init)
            lastErrorAt = target.lastErrorAt.map(rfc3339)
        }
    }

    struct EnvironmentView: Codable, Sendable {
        /// `healthy`, `degraded` or `failing`.
        var state: String
        /// What is wrong, in sentences.
        var problems: [String]
        /// What would be asked: the default model, or the one of `?provider=` and `?model=`.
        var models: [Orchestrator.ModelHealth]
        var targets: [TargetView]

        init(_ report: Orchestrator.EnvironmentReport) {
            (state, problems, models) = (report.state, report.problems, report.models)
            // A user's own key says nothing of the installation's.
            targets = report.targets.filter { $0.key != "own" }.map(TargetView.init)
        }
    }

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/environment", "Tells whether the models that agents ask can be asked", check)
                .takes(
                    .text("provider", "Whose model is meant, such as `anthropic`"),
                    .text("model", "A model or a role such as `strong`; the default without it"))
        ]
    }

    /// Keys are the installation's business: they are told to nobody here.
    @Sendable private func check(_ incoming: Incoming) async throws -> EnvironmentView {
        let (provider, model) = (
            incoming.request.queryValue("provider"), incoming.request.queryValue("model")
        )
        let isNamed = provider != nil || model != nil
        let agents = isNamed ? [Orchestrator.AgentModel(provider: provider, model: model)] : nil
        return EnvironmentView(
            try await mesh.call(Orchestrator.CheckEnvironment(agents: agents)))
    }
}
