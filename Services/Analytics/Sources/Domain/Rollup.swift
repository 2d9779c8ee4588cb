import Contracts

/// Sums of one batch, made in memory and then added to those that are kept.
struct Rollup: Sendable {
    /// What the kept sums are kept by.
    struct Key: Hashable, Sendable {
        let day: Day
        let user: String
        let run: String
        let provider: String
        let model: String
        /// Empty for none.
        let project: String
    }

    private(set) var sums: [Key: Analytics.Totals] = [:]

    mutating func add(_ entry: Providers.UsageEntry) {
        let key = Key(
            day: Day(containing: entry.at), user: entry.user, run: entry.run,
            provider: entry.provider, model: entry.model, project: entry.project ?? "")
        sums[key, default: .zero].add(entry)
    }
}

/// Who says what a turn's outcome was; anything else is a failure.
enum Outcome {
    /// Ended by the model, or by the caller who wanted no more.
    static let wanted: Set<String> = ["completed", "cancelled"]

    static func isFailure(_ outcome: String) -> Bool { !wanted.contains(outcome) }
}

extension Providers.UsageEntry {
    /// The entry with figures that can be added up without end: none below zero, none absurd.
    var bounded: Self {
        var entry = self
        entry.at = min(max(at, Day.moments.lowerBound), Day.moments.upperBound)
        entry.durationMilliseconds = Self.bounded(durationMilliseconds)
        entry.usage.inputTokens = Int(Self.bounded(Int64(usage.inputTokens)))
        entry.usage.outputTokens = Int(Self.bounded(Int64(usage.outputTokens)))
        entry.usage.cachedTokens = Int(Self.bounded(Int64(usage.cachedTokens)))
        entry.usage.costMicroUSD = usage.costMicroUSD.map(Self.bounded)
        return entry
    }

    private static func bounded(_ figure: Int64) -> Int64 { min(max(figure, 0), 1_000_000_000_000) }
}

extension Analytics.Totals {
    static let zero = Analytics.Totals(
        turns: 0, failures: 0, inputTokens: 0, outputTokens: 0, costMicroUSD: 0,
        durationMilliseconds: 0)

    fileprivate mutating func add(_ entry: Providers.UsageEntry) {
        turns += 1
        failures += Outcome.isFailure(entry.outcome) ? 1 : 0
        inputTokens += entry.usage.inputTokens
        outputTokens += entry.usage.outputTokens
        costMicroUSD += entry.usage.costMicroUSD ?? 0
        durationMilliseconds += entry.durationMilliseconds
    }
}
