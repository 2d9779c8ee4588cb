import Routing

/// A model of which something is known beside its price.
struct KnownModel: Sendable {
    let provider: String
    let name: String
    /// Models that reason refuse a temperature.
    var takesTemperature = true
    /// How many tokens it reads and writes at once in all, and how many of them an answer may have.
    var contextTokens: Int?
    var outputTokens: Int?
}

/// Models and roles as data. A model that is not here works as well.
enum ModelCatalogue {
    static let roles = ["fast", "strong", "critic"]

    /// What stands for a role, and for nothing at all: the default.
    static func model(for role: String?, of provider: String) -> String? {
        switch (provider, role) {
        case ("anthropic", "fast"): "claude-haiku-5-5"
        case ("anthropic", "strong"): "claude-opus-5-5"
        case ("anthropic", _): "claude-sonnet-5-5"
        case ("openai", "fast"): "gpt-6-luna"
        case ("openai", _): "gpt-6-sol"
        default: nil
        }
    }

    /// Finds a model under its name, or under its name with a date behind it.
    static func find(_ model: String, of provider: String) -> KnownModel? {
        let plain = PriceBook.undated(model)
        return models.first { $0.provider == provider && ($0.name == model || $0.name == plain) }
    }

    static let models: [KnownModel] = anthropic + openAI

    private static let anthropic = [
        "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5",
        "claude-sonnet-5", "claude-opus-4-8", "claude-opus-4-5", "claude-sonnet-4-6",
        "claude-sonnet-4-5", "claude-haiku-4-5",
    ].map { name in
        KnownModel(
            provider: "anthropic", name: name, contextTokens: 200_000, outputTokens: 32_000)
    }

    private static let openAI: [KnownModel] = [
        gpt("gpt-6-sol", reasons: true), gpt("gpt-6-luna", reasons: true),
        gpt("gpt-5", reasons: true), gpt("gpt-5-mini", reasons: true), gpt("gpt-4.1"),
        gpt("gpt-4.1-mini"), gpt("gpt-4o"), gpt("gpt-4o-mini"), gpt("o1", reasons: true),
        gpt("o1-mini", reasons: true), gpt("o3-mini", reasons: true),
    ]

    /// Where it is another than that of most; what is not sure is given as less.
    private static let window: [String: (Int, Int)] = [
        "gpt-5": (400_000, 128_000), "gpt-5-mini": (400_000, 128_000),
        "gpt-4.1": (1_047_576, 32_768), "gpt-4.1-mini": (1_047_576, 32_768),
        "o1": (200_000, 100_000), "o1-mini": (128_000, 65_536), "o3-mini": (200_000, 100_000),
    ]

    private static func gpt(_ name: String, reasons: Bool = false) -> KnownModel {
        let (context, output) = window[name] ?? (128_000, 16_384)
        return KnownModel(
            provider: "openai", name: name, takesTemperature: !reasons, contextTokens: context,
            outputTokens: output)
    }
}
