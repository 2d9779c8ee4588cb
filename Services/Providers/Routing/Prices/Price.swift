public import Dialects

/// What a model costs, from a day on.
///
/// Rates are nano-dollars for a million tokens, which no price list is finer than: nothing is
/// rounded before the one rounding of a call's sum.
public struct Price: Sendable, Equatable {
    /// The rates of tokens.
    public struct Rates: Sendable, Equatable {
        public var input: Int64
        public var output: Int64
        /// Read from the provider's cache; nil where that costs like any input.
        public var cachedRead: Int64?
        /// Written to it, to be kept for five minutes; nil where that costs like any input.
        public var cacheWrite: Int64?
        /// Written to it, to be kept for an hour; nil where that costs like the five minutes.
        public var cacheWriteHour: Int64?
        /// Spent on reasoning; nil where that costs like any output.
        public var reasoning: Int64?

        public init(
            input: Int64, output: Int64, cachedRead: Int64? = nil, cacheWrite: Int64? = nil,
            cacheWriteHour: Int64? = nil, reasoning: Int64? = nil
        ) {
            (self.input, self.output, self.cachedRead) = (input, output, cachedRead)
            (self.cacheWrite, self.cacheWriteHour) = (cacheWrite, cacheWriteHour)
            self.reasoning = reasoning
        }

        /// The dearest that a token of input can be.
        var dearestInput: Int64 {
            max(input, cachedRead ?? 0, cacheWrite ?? 0, cacheWriteHour ?? 0)
        }
        var dearestOutput: Int64 { max(output, reasoning ?? 0) }
    }

    /// Other rates for the whole call once its input has more tokens than this.
    public struct Long: Sendable, Equatable {
        public var above: Int
        public var rates: Rates

        public init(above: Int, rates: Rates) { (self.above, self.rates) = (above, rates) }
    }

    public var rates: Rates
    public var long: Long?
    /// What another class of service, such as `batch`, pays of the price for tokens, in hundredths of
    /// it. What is not here has a price that nobody knows.
    public var tiers: [String: Int]
    /// In nano-dollars each, beside the tokens.
    public var perRequest: Int64
    public var perSearch: Int64
    public var perImage: Int64

    public init(
        _ rates: Rates, long: Long? = nil, tiers: [String: Int] = [:], perRequest: Int64 = 0,
        perSearch: Int64 = 0, perImage: Int64 = 0
    ) {
        (self.rates, self.long, self.tiers) = (rates, long, tiers)
        (self.perRequest, self.perSearch, self.perImage) = (perRequest, perSearch, perImage)
    }

    /// For what runs on one's own machine.
    public static let free = Price(Rates(input: 0, output: 0))
}

/// What of a call is paid for beside its tokens.
public struct Beside: Sendable, Equatable {
    public var requests: Int
    public var searches: Int
    public var images: Int

    public init(requests: Int = 1, searches: Int = 0, images: Int = 0) {
        (self.requests, self.searches, self.images) = (requests, searches, images)
    }
}

extension Price {
    /// False where a call was served in a class of service that the list has no price of: its cost is
    /// then that of the usual one.
    public func isExact(for usage: TokenUsage) -> Bool {
        usage.tier.map { tiers[$0] != nil } ?? true
    }

    /// What a call costs in nano-dollars, rounded to the nearest once, at the end. What a provider
    /// says that cannot be, such as more cached tokens than there were, never makes it negative.
    public func cost(of usage: TokenUsage, beside: Beside = Beside()) -> Int64 {
        let input = max(usage.input, 0)
        let cached = min(max(usage.cachedInput, 0), input)
        let written = min(max(usage.cacheWrite, 0), input - cached)
        let hour = min(max(usage.cacheWriteHour, 0), written)
        let output = max(usage.output, 0)
        let reasoning = min(max(usage.reasoning, 0), output)
        let rates = rates(for: input)
        let write = rates.cacheWrite ?? rates.input
        let parts: [(Int, Int64)] = [
            (input - cached - written, rates.input),
            (cached, rates.cachedRead ?? rates.input),
            (written - hour, write), (hour, rates.cacheWriteHour ?? write),
            (output - reasoning, rates.output), (reasoning, rates.reasoning ?? rates.output),
        ]
        return total(parts, beside, percent: usage.tier.flatMap { tiers[$0] } ?? 100)
    }

    /// The most that a call can cost which reads and writes no more tokens than these, whichever class
    /// of service it is given: the provider chooses that, not the request.
    public func bound(input: Int, output: Int, beside: Beside = Beside()) -> Int64 {
        let percent = max(tiers.values.max() ?? 100, 100)
        let all = [rates] + (long.map { input > $0.above ? [$0.rates] : [] } ?? [])
        return all.map { rates in
            total(
                [(max(input, 0), rates.dearestInput), (max(output, 0), rates.dearestOutput)],
                beside, percent: percent)
        }.max() ?? 0
    }

    private func rates(for input: Int) -> Rates {
        if let long, input > long.above { return long.rates }
        return rates
    }

    private func total(
        _ parts: [(Int, Int64)], _ beside: Beside, percent: Int = 100
    ) -> Int64 {
        var millionths = parts.reduce(Int128(0)) { $0 + Int128($1.0) * Int128($1.1) }
        if percent != 100 { millionths = (millionths * Int128(percent) + 50) / 100 }
        let pieces: [(Int, Int64)] = [
            (beside.requests, perRequest), (beside.searches, perSearch),
            (beside.images, perImage),
        ]
        let rest = pieces.reduce(Int128(0)) { $0 + Int128(max($1.0, 0)) * Int128($1.1) }
        return Int64(clamping: (millionths + 500_000) / 1_000_000 + rest)
    }
}
