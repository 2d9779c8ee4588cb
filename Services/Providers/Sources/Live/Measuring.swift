import EventLoop
import Mesh
import Routing

/// The figures of model calls under the names of the OpenTelemetry conventions for generative AI.
enum Measuring {
    /// Past so many targets the rest is left out: each has four histograms.
    private static let mostTargets = 64

    static func measures(_ entries: [HealthBoard.Entry]) -> [Measure] {
        entries.sorted { $0.requests > $1.requests }.prefix(mostTargets).flatMap(measures)
    }

    private static func measures(_ entry: HealthBoard.Entry) -> [Measure] {
        let target = entry.target
        var attributes = [
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": name(of: target.provider),
            "gen_ai.request.model": target.model,
        ]
        // A user's own key would name the user.
        if !target.key.isEmpty, !ProviderDirectory.isOwnKey(target.key) {
            attributes["atelier.provider.key"] = target.key
        }
        func time(
            _ name: String, _ histogram: Histogram, _ more: [String: String] = [:]
        ) -> Measure {
            Measure(
                name, unit: "s", attributes: attributes.merging(more) { $1 }, histogram,
                stepsPerUnit: 1_000_000_000)
        }
        func tokens(_ type: String, _ histogram: Histogram) -> Measure {
            Measure(
                "gen_ai.client.token.usage", unit: "{token}",
                attributes: attributes.merging(["gen_ai.token.type": type]) { $1 }, histogram,
                stepsPerUnit: HealthBoard.tokenScale)
        }
        var measures = [
            time("gen_ai.client.operation.duration", entry.duration),
            time("gen_ai.server.time_to_first_token", entry.firstToken),
            tokens("input", entry.inputTokens), tokens("output", entry.outputTokens),
        ]
        for (kind, times) in entry.failed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            measures.append(
                time("gen_ai.client.operation.duration", times, ["error.type": kind.word]))
        }
        return measures.filter { $0.histogram.count > 0 }
    }

    /// As the conventions name it, where they do.
    private static func name(of provider: String) -> String {
        switch provider {
        case "gemini": "gcp.gemini"
        case "openai-responses": "openai"
        default: provider
        }
    }
}
