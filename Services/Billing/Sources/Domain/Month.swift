/// A calendar month in UTC.
struct Month: Sendable, Equatable {
    let year: Int64
    /// 1 to 12.
    let month: Int64

    /// The month of a moment in wall milliseconds, after Howard Hinnant's `civil_from_days`.
    init(containing milliseconds: Int64) {
        let days = (milliseconds - Self.floorRemainder(milliseconds, 86_400_000)) / 86_400_000
        let shifted = days + 719_468
        let dayOfEra = Self.floorRemainder(shifted, 146_097)
        let era = (shifted - dayOfEra) / 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    private init(year: Int64, month: Int64) { (self.year, self.month) = (year, month) }

    /// `2026-01`: names sort as the months do.
    var name: String {
        "\(String(10_000 + year).dropFirst())-\(String(100 + month).dropFirst())"
    }

    var next: Month {
        month == 12 ? Month(year: year + 1, month: 1) : Month(year: year, month: month + 1)
    }

    /// Wall milliseconds of its first moment.
    var start: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let yearOfEra = Self.floorRemainder(marchYear, 400)
        let era = (marchYear - yearOfEra) / 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * 86_400_000
    }

    private static func floorRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
