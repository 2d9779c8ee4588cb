import Civil

/// The prices of models by the day from which each holds.
public struct PriceBook: Sendable {
    /// What is known of a model's price.
    public enum Finding: Sendable, Equatable {
        case priced(Price)
        /// It runs on one's own machine, or in this process.
        case free
        /// It may cost anything: that is not the same as nothing.
        case unpriced

        /// Nil where no price is known.
        public var price: Price? {
            switch self {
            case .priced(let price): price
            case .free: .free
            case .unpriced: nil
            }
        }
    }

    /// One line of a list.
    public struct Entry: Sendable, Equatable {
        public var provider: String
        public var model: String
        /// `2026-10-24`, the first day on which it holds (UTC); empty for as long as anybody knows.
        public var from: String
        public var price: Price

        public init(_ provider: String, _ model: String, from: String = "", _ price: Price) {
            (self.provider, self.model, self.from) = (provider, model, from)
            self.price = price
        }
    }

    private struct Name: Hashable, Sendable {
        var provider: String
        var model: String
    }

    private var entries: [Name: [Entry]] = [:]
    private var freeProviders: Set<String>

    /// Of two lines for one model and day the later one counts.
    public init(_ list: [Entry], free: Set<String> = []) {
        freeProviders = free
        for entry in list { add(entry) }
    }

    /// Adds a line, in the place of one for the same model and day.
    public mutating func add(_ entry: Entry) {
        let name = Name(provider: entry.provider, model: entry.model)
        var list = entries[name, default: []].filter { $0.from != entry.from }
        list.append(entry)
        entries[name] = list.sorted { $0.from < $1.from }
    }

    /// Says that what a provider answers costs nothing.
    mutating func makeFree(_ provider: String) { freeProviders.insert(provider) }

    /// What holds for a model at a moment, in wall milliseconds, or by the newest list: under its name, or under its name
    /// without the date that providers put behind it. `dialect` has the list of a provider that is
    /// configured under a name of its own.
    public func find(
        _ model: String, of provider: String, dialect: String? = nil, at moment: Int64?
    ) -> Finding {
        if freeProviders.contains(provider) { return .free }
        let day = moment.map(Self.day) ?? "9999"
        for provider in [provider, dialect].compactMap({ $0 }) {
            for model in [model, Self.undated(model)] {
                let list = entries[Name(provider: provider, model: model)]
                if let entry = list?.last(where: { $0.from <= day }) {
                    return .priced(entry.price)
                }
            }
        }
        return .unpriced
    }

    /// Every line, by provider, model and day.
    public var lines: [Entry] {
        entries.values.flatMap { $0 }.sorted {
            ($0.provider, $0.model, $0.from) < ($1.provider, $1.model, $1.from)
        }
    }

    static func day(of moment: Int64) -> String {
        String(CivilTime(moment >= 0 ? moment / 1_000 : (moment - 999) / 1_000).rfc3339.prefix(10))
    }

    /// `claude-sonnet-4-5-20250929`, `gpt-4o-2024-08-06` and `…-latest` without their ends.
    public static func undated(_ model: String) -> String {
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
}
