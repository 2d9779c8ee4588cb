extension PriceBook {
    /// The lists of the providers, as they stood when they were read: see `readOn`.
    public static let listed = PriceBook(
        anthropic + openAI + gemini, free: ["ollama", "offline"])

    /// When each list was read.
    public static let readOn = [
        "anthropic": "2026-10-24", "openai": "2026-09-22", "gemini": "2025-06-17",
    ]

    /// In US dollars for a million tokens, as the lists have them.
    static func rates(
        _ input: Double, _ output: Double, cached: Double? = nil, write: Double? = nil,
        hour: Double? = nil
    ) -> Price.Rates {
        func nano(_ dollars: Double) -> Int64 { Int64((dollars * 1_000_000_000).rounded()) }
        return Price.Rates(
            input: nano(input), output: nano(output), cachedRead: cached.map(nano),
            cacheWrite: write.map(nano), cacheWriteHour: hour.map(nano))
    }

    private static let halfInBatches = ["batch": 50]

    private static let anthropic: [Entry] = [
        claude("claude-opus-5-5", 4, 20, cached: 0.20),
        claude("claude-sonnet-5-5", 2, 10, cached: 0.10),
        Entry(
            "anthropic", "claude-haiku-5-5",
            Price(
                rates(0.10, 0.50, cached: 0.01, write: 0.125, hour: 0.20),
                long: .init(
                    above: 100_000,
                    rates: rates(0.50, 2.50, cached: 0.05, write: 0.625, hour: 1)),
                tiers: halfInBatches, perSearch: 10_000_000)),
        claude("claude-opus-5", 5, 25, cached: 0.50),
        claude("claude-sonnet-5", 2, 10, cached: 0.20),
        claude("claude-opus-4-8", 5, 25, cached: 0.50),
        claude("claude-opus-4-5", 5, 25, cached: 0.50),
        claude("claude-sonnet-4-6", 3, 15, cached: 0.30),
        claude("claude-sonnet-4-5", 3, 15, cached: 0.30),
        claude("claude-haiku-4-5", 1, 5, cached: 0.10),
    ]

    /// Five minutes in the cache cost a quarter more than input, an hour the double.
    private static func claude(
        _ name: String, _ input: Double, _ output: Double, cached: Double
    ) -> Entry {
        Entry(
            "anthropic", name,
            Price(
                rates(input, output, cached: cached, write: input * 1.25, hour: input * 2),
                tiers: halfInBatches, perSearch: 10_000_000))
    }

    private static let openAI: [Entry] = [
        gpt("gpt-6-sol", rates(2, 10, cached: 0.20, write: 2.50)),
        gpt("gpt-6-luna", rates(0.10, 0.50, cached: 0.01, write: 0.125)),
        gpt("gpt-5", rates(1.25, 10, cached: 0.125)),
        gpt("gpt-5-mini", rates(0.25, 2, cached: 0.025)),
        gpt("gpt-4.1", rates(2, 8, cached: 0.50)),
        gpt("gpt-4.1-mini", rates(0.40, 1.60, cached: 0.10)),
        gpt("gpt-4o", rates(2.50, 10, cached: 1.25)),
        gpt("gpt-4o-mini", rates(0.15, 0.60, cached: 0.075)),
        gpt("o1", rates(15, 60, cached: 7.50)),
        gpt("o1-mini", rates(1.10, 4.40, cached: 0.55)),
        gpt("o3-mini", rates(1.10, 4.40, cached: 0.55)),
        gpt("text-embedding-3-small", rates(0.02, 0)),
        gpt("text-embedding-3-large", rates(0.13, 0)),
    ]

    /// What is served as `flex` is billed as batches are (OpenAI, flex processing). Their lists give
    /// `priority` no common factor.
    private static func gpt(_ name: String, _ rates: Price.Rates) -> Entry {
        Entry(
            "openai", name, Price(rates, tiers: ["batch": 50, "flex": 50], perSearch: 10_000_000))
    }

    private static let gemini: [Entry] = [
        Entry(
            "gemini", "gemini-2.5-pro",
            Price(
                rates(1.25, 10, cached: 0.31),
                long: .init(above: 200_000, rates: rates(2.50, 15, cached: 0.625)),
                tiers: halfInBatches, perSearch: 35_000_000)),
        google("gemini-2.5-flash", rates(0.30, 2.50, cached: 0.075)),
        google("gemini-2.0-flash", rates(0.10, 0.40, cached: 0.025)),
    ]

    private static func google(_ name: String, _ rates: Price.Rates) -> Entry {
        Entry("gemini", name, Price(rates, tiers: halfInBatches, perSearch: 35_000_000))
    }
}
