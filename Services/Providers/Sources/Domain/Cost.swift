import Contracts
import Dialects

/// What an answer costs by the price list.
enum Cost {
    /// Millionths of a US dollar, rounded to the nearest; nil where no price is known.
    static func microUSD(_ usage: TokenUsage, provider: String, model: String) -> Int64? {
        // What runs on one's own machine has no list price to pay.
        if provider == ProvidersConfig.offline || provider == DialectName.ollama.rawValue {
            return 0
        }
        guard let known = ModelCatalogue.find(model, of: provider) else { return nil }
        if let long = known.long, usage.input > long.above {
            return microUSD(usage, at: long.price)
        }
        return microUSD(usage, at: known.price)
    }

    static func microUSD(_ usage: TokenUsage, at price: ListPrice) -> Int64 {
        let cached = min(max(usage.cachedInput, 0), max(usage.input, 0))
        let written = min(max(usage.cacheWrite, 0), max(usage.input, 0) - cached)
        let fresh = max(usage.input, 0) - cached - written
        let parts: [(Int, Int64)] = [
            (fresh, price.input), (cached, price.cached ?? price.input),
            (written, price.cacheWrite ?? price.input), (max(usage.output, 0), price.output),
        ]
        let sum = parts.reduce(Int128(0)) { $0 + Int128($1.0) * Int128($1.1) }
        return Int64(clamping: (sum + 500_000) / 1_000_000)
    }

    /// The figures as the contract has them.
    static func usage(
        _ usage: TokenUsage, provider: String, model: String
    ) -> Providers.Usage {
        Providers.Usage(
            inputTokens: usage.input, outputTokens: usage.output, cachedTokens: usage.cachedInput,
            isEstimated: usage.isEstimated,
            costMicroUSD: microUSD(usage, provider: provider, model: model))
    }
}
