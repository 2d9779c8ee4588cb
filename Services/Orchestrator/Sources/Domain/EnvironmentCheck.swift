import Contracts

/// What the Environment role says of the models that agents would ask: by what the providers service
/// has seen of them, and nothing that it has not.
struct EnvironmentCheck: Sendable {
    /// A model of an agent; without a card for one that nobody has.
    struct Wanted: Sendable {
        var name: String
        var card: Providers.ModelCard?
    }

    let wanted: [Wanted]
    /// Nil where the providers service did not answer.
    let health: Providers.HealthReport?

    var report: Orchestrator.EnvironmentReport {
        guard let health else {
            return Orchestrator.EnvironmentReport(
                state: "failing", problems: ["the providers service does not answer"], models: [],
                targets: [])
        }
        let models = wanted.map { model(of: $0, health) }
        let missing = wanted.filter { $0.card == nil }.map { "no provider has \($0.name)" }
        let usable = models.filter { Self.isUsable($0.state) }
        let state =
            usable.count == models.count ? "healthy" : usable.isEmpty ? "failing" : "degraded"
        return Orchestrator.EnvironmentReport(
            state: state, problems: missing + health.problems, models: models,
            targets: health.targets)
    }

    /// What was never asked may well answer: to say otherwise would keep everything from beginning.
    static func isUsable(_ state: String) -> Bool { state == "ok" || state == "unused" }

    /// A model over several keys is as well as the best of them.
    private func model(
        of wanted: Wanted, _ health: Providers.HealthReport
    ) -> Orchestrator.ModelHealth {
        guard let card = wanted.card else {
            return .init(provider: "", model: wanted.name, state: "missing", isOffline: false)
        }
        // Users' own keys say nothing of the installation's.
        let states = health.targets.filter {
            ($0.provider, $0.model) == (card.provider, card.model) && $0.key != "own"
        }.map(\.state)
        let best = ["ok", "unused", "failing", "cooling"].first(where: states.contains)
        return .init(
            provider: card.provider, model: card.model, state: best ?? "unused",
            isOffline: card.isOffline)
    }
}
