/// A price list, in millionths of a US dollar for a million tokens.
struct ListPrice: Sendable, Equatable {
    var input: Int64
    var output: Int64
    /// For tokens read from the provider's cache; nil where they cost like any other.
    var cached: Int64?
    /// For tokens written to it.
    var cacheWrite: Int64?

    /// In US dollars, as price lists have them.
    init(_ input: Double, _ output: Double, cached: Double? = nil, cacheWrite: Double? = nil) {
        func micro(_ dollars: Double) -> Int64 { Int64((dollars * 1_000_000).rounded()) }
        (self.input, self.output) = (micro(input), micro(output))
        (self.cached, self.cacheWrite) = (cached.map(micro), cacheWrite.map(micro))
    }
}

/// A model whose price is known.
struct KnownModel: Sendable {
    let provider: String
    let name: String
    let price: ListPrice
    /// Another price for the whole request once its prompt has more tokens than this.
    var long: (above: Int, price: ListPrice)?
    /// Models that reason refuse a temperature.
    var takesTemperature = true
    /// How many tokens it reads and writes at once in all, and how many of them an answer may have.
    var contextTokens: Int?
    var outputTokens: Int?
}

/// Models, prices and roles as data. A model that is not here works as well, without a price.
enum ModelCatalogue {
    /// When the prices were read from the providers' lists.
    static let pricesAsOf = ["anthropic": "2026-10-24", "openai": "2026-09-22"]

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
        let plain = undated(model)
        return models.first { $0.provider == provider && ($0.name == model || $0.name == plain) }
    }

    /// `claude-sonnet-4-5-20250929`, `gpt-4o-2024-08-06` and `…-latest` without their ends.
    static func undated(_ model: String) -> String {
        var parts = model.split(separator: "-", omittingEmptySubsequences: false)
        func isNumber(_ part: Substring, _ digits: Int) -> Bool {
            part.utf8.count == digits && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        if parts.count > 1, let last = parts.last, last == "latest" || isNumber(last, 8) {
            parts.removeLast()
        } else if parts.count > 3, isNumber(parts[parts.count - 1], 2),
            isNumber(parts[parts.count - 2], 2), isNumber(parts[parts.count - 3], 4)
        {
            parts.removeLast(3)
        }
        return parts.joined(separator: "-")
    }

    static let models: [KnownModel] = anthropic + openAI

    private static let anthropic: [KnownModel] = [
        claude("claude-opus-5-5", ListPrice(4, 20, cached: 0.20, cacheWrite: 5)),
        claude("claude-sonnet-5-5", ListPrice(2, 10, cached: 0.10, cacheWrite: 2.50)),
        claude(
            "claude-haiku-5-5", ListPrice(0.10, 0.50, cached: 0.01, cacheWrite: 0.125),
            long: (100_000, ListPrice(0.50, 2.50, cached: 0.05, cacheWrite: 0.625))),
        claude("claude-opus-5", ListPrice(5, 25, cached: 0.50, cacheWrite: 6.25)),
        claude("claude-sonnet-5", ListPrice(2, 10, cached: 0.20, cacheWrite: 2.50)),
        claude("claude-opus-4-8", ListPrice(5, 25, cached: 0.50, cacheWrite: 6.25)),
        claude("claude-opus-4-5", ListPrice(5, 25, cached: 0.50, cacheWrite: 6.25)),
        claude("claude-sonnet-4-6", ListPrice(3, 15, cached: 0.30, cacheWrite: 3.75)),
        claude("claude-sonnet-4-5", ListPrice(3, 15, cached: 0.30, cacheWrite: 3.75)),
        claude("claude-haiku-4-5", ListPrice(1, 5, cached: 0.10, cacheWrite: 1.25)),
    ]

    private static let openAI: [KnownModel] = [
        gpt("gpt-6-sol", ListPrice(2, 10, cached: 0.20, cacheWrite: 2.50), reasons: true),
        gpt("gpt-6-luna", ListPrice(0.10, 0.50, cached: 0.01, cacheWrite: 0.125), reasons: true),
        gpt("gpt-5", ListPrice(1.25, 10, cached: 0.125), reasons: true),
        gpt("gpt-5-mini", ListPrice(0.25, 2, cached: 0.025), reasons: true),
        gpt("gpt-4.1", ListPrice(2, 8, cached: 0.50)),
        gpt("gpt-4.1-mini", ListPrice(0.40, 1.60, cached: 0.10)),
        gpt("gpt-4o", ListPrice(2.50, 10, cached: 1.25)),
        gpt("gpt-4o-mini", ListPrice(0.15, 0.60, cached: 0.075)),
        gpt("o1", ListPrice(15, 60, cached: 7.50), reasons: true),
        gpt("o1-mini", ListPrice(1.10, 4.40, cached: 0.55), reasons: true),
        gpt("o3-mini", ListPrice(1.10, 4.40, cached: 0.55), reasons: true),
    ]

    /// Where it is another than that of most; what is not sure is given as less.
    private static let window: [String: (Int, Int)] = [
        "gpt-5": (400_000, 128_000), "gpt-5-mini": (400_000, 128_000),
        "gpt-4.1": (1_047_576, 32_768), "gpt-4.1-mini": (1_047_576, 32_768),
        "o1": (200_000, 100_000), "o1-mini": (128_000, 65_536), "o3-mini": (200_000, 100_000),
    ]

    private static func claude(
        _ name: String, _ price: ListPrice, long: (above: Int, price: ListPrice)? = nil
    ) -> KnownModel {
        KnownModel(
            provider: "anthropic", name: name, price: price, long: long, contextTokens: 200_000,
            outputTokens: 32_000)
    }

    private static func gpt(
        _ name: String, _ price: ListPrice, reasons: Bool = false
    ) -> KnownModel {
        let (context, output) = window[name] ?? (128_000, 16_384)
        return KnownModel(
            provider: "openai", name: name, price: price, takesTemperature: !reasons,
            contextTokens: context, outputTokens: output)
    }
}
