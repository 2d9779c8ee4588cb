import Contracts
import Dialects
import Routing

/// What an answer costs by the price list.
enum Cost {
    /// The figures as the contract has them: without a price where none is known. What a user's own
    /// key pays for is priced as well.
    static func usage(
        _ usage: TokenUsage, _ price: PriceBook.Finding, isOwnKey: Bool = false
    ) -> Providers.Usage {
        // What was refused before it began costs nothing, whatever the price would have been.
        let isNothing = usage.input == 0 && usage.output == 0 && usage.searches == 0
        let beside = Beside(searches: usage.searches, images: usage.images)
        let cost = isNothing ? 0 : price.price?.cost(of: usage, beside: beside)
        // Free is free in every class of service.
        let isExact = cost ?? 0 == 0 || price.price?.isExact(for: usage) ?? true
        return Providers.Usage(
            inputTokens: usage.input, outputTokens: usage.output, cachedTokens: usage.cachedInput,
            isEstimated: usage.isEstimated || !isExact, costMicroUSD: cost.map(NanoUSD.micro),
            costNanoUSD: cost, isOwnKey: isOwnKey ? true : nil)
    }
}

extension ProviderDirectory {
    /// What a request to a model comes to at a moment.
    func bill(
        _ usage: TokenUsage, of choice: Choice, at moment: Int64?
    ) -> Providers.Usage {
        Cost.usage(usage, price(of: choice, at: moment), isOwnKey: choice.isOwnKey)
    }
}

extension Providers.Usage {
    /// Both together; without a price where one of them has none.
    func adding(_ other: Providers.Usage) -> Providers.Usage {
        let nano: Int64? =
            if let one = costNanoUSD, let two = other.costNanoUSD {
                one.addingReportingOverflow(two).overflow ? .max : one + two
            } else {
                nil
            }
        return Providers.Usage(
            inputTokens: inputTokens + other.inputTokens,
            outputTokens: outputTokens + other.outputTokens,
            cachedTokens: cachedTokens + other.cachedTokens,
            isEstimated: isEstimated || other.isEstimated,
            costMicroUSD: nano.map(NanoUSD.micro), costNanoUSD: nano, isOwnKey: isOwnKey)
    }
}
