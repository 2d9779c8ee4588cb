import Contracts
import EventLoop
import Mesh
import Routing

extension ProvidersNode {
    func health(_ request: Providers.Health, _ call: Call) async throws -> Providers.HealthReport {
        let view = traffic.view
        var targets = view.targets.map { Self.health(of: $0, view.cooling, view.now) }
        let used = Set(targets.map { "\($0.provider)/\($0.model)" })
        for card in directory.catalogue.models
        where !used.contains("\(card.provider)/\(card.model)") {
            targets.append(
                Providers.TargetHealth(
                    provider: card.provider, model: card.model, key: "", state: "unused"))
        }
        var problems: [String] = []
        if directory.defaultProvider == ProvidersConfig.offline {
            problems.append("no model provider is configured; the built-in one edits mechanically")
        }
        for target in targets where target.state == "failing" || target.state == "cooling" {
            // What is wrong with a user's own key is that user's.
            guard target.key != "own" else { continue }
            problems.append(
                "\(target.provider)/\(target.model) is \(target.state) after "
                    + (target.errors.max { $0.count < $1.count }?.kind ?? "failures"))
        }
        return Providers.HealthReport(
            isHealthy: isHealthy(targets), problems: problems, targets: targets)
    }

    /// Whether what is asked by default has an answer to be expected from.
    private func isHealthy(_ targets: [Providers.TargetHealth]) -> Bool {
        guard let route = try? directory.route(provider: nil, model: nil),
            directory.isConfigured(route.targets.first?.provider ?? "")
        else { return false }
        return route.targets.contains { target in
            let known = targets.first {
                ($0.provider, $0.model) == (target.provider, target.model) && $0.key == target.key
            }
            return known.map { $0.state == "ok" || $0.state == "unused" } ?? true
        }
    }

    private static func health(
        of entry: HealthBoard.Entry, _ cooling: [CoolDowns.Entry], _ now: UInt64
    ) -> Providers.TargetHealth {
        let target = entry.target
        // A user's own key has its user's name in it, which is nobody else's business.
        let key = ProviderDirectory.isOwnKey(target.key) ? "own" : target.key
        var health = Providers.TargetHealth(
            provider: target.provider, model: target.model, key: key,
            state: entry.isFailing ? "failing" : "ok")
        (health.requests, health.inFlight) = (entry.requests, entry.inFlight)
        health.errors = entry.errors.map { .init(kind: $0.key.rawValue, count: $0.value) }
            .sorted { $0.kind < $1.kind }
        health.lastErrorAt = entry.lastErrorAt
        health.firstTokenMilliseconds = percentiles(entry.firstToken)
        health.durationMilliseconds = percentiles(entry.duration)
        let until = cooling.filter { entry in
            switch entry.scope {
            case .target(let one): one == target
            case .lane(let lane): lane == target.lane
            case .endpoint(let name): name == target.provider
            }
        }.map(\.until).max()
        if let until {
            health.state = "cooling"
            health.coolingMilliseconds = Int(clamping: (until - min(until, now)) / 1_000_000)
        }
        return health
    }

    private static func percentiles(_ times: Histogram) -> Providers.Percentiles? {
        func milliseconds(_ share: Double) -> Double? {
            times.quantile(share).map { Double($0 / 1_000) / 1_000 }
        }
        guard let p50 = milliseconds(0.5), let p95 = milliseconds(0.95),
            let p99 = milliseconds(0.99)
        else { return nil }
        return Providers.Percentiles(p50: p50, p95: p95, p99: p99)
    }
}
