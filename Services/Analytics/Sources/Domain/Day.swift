/// A calendar day in UTC, as its number since 1970.
struct Day: Sendable, Hashable {
    /// The moments that have a day with a four-digit year.
    static let moments: ClosedRange<Int64> = 0...253_402_300_799_999
    static let milliseconds: Int64 = 86_400_000

    let number: Int64

    init(number: Int64) { self.number = number }

    /// A moment outside of the known ones counts to the nearest.
    init(containing moment: Int64) {
        number =
            min(max(moment, Self.moments.lowerBound), Self.moments.upperBound)
            / Self.milliseconds
    }

    /// Wall milliseconds of its first moment.
    var start: Int64 { number * Self.milliseconds }

    var next: Day { Day(number: number + 1) }

    /// `2026-01-31`, after Howard Hinnant's `civil_from_days`.
    var name: String {
        let shifted = number + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * fromMarch + 2) / 5 + 1
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(padded(year, 10_000))-\(padded(month, 100))-\(padded(day, 100))"
    }

    private func padded(_ value: Int64, _ width: Int64) -> Substring {
        String(width + value).dropFirst()
    }
}
