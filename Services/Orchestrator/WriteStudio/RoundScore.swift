import Refinement

/// What the reviews of one round come to: the mean of what each of them gave.
struct RoundScore {
    /// Nil where nobody gave one.
    let score: Double?
    let criteria: [String: Double]

    init(_ readings: [ScoreReading]) {
        score = readings.isEmpty ? nil : Self.mean(readings.map(\.score))
        let given = readings.flatMap { $0.criteria.map { ($0.key, $0.value) } }
        criteria = Dictionary(grouping: given, by: \.0).mapValues { Self.mean($0.map(\.1)) }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(values.count)
    }
}
