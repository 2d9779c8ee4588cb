import Civil

/// When something is to happen again and again, in the five fields of cron: minute, hour, day of
/// the month, month, day of the week.
///
/// As POSIX has it (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html), with
/// the names, steps and `@daily` that Vixie's cron added: where both days are restricted, either
/// one is enough. Times are of UTC, or of a fixed offset from it.
public struct Cron: Sendable, Equatable {
    /// What is wrong with an expression, for the person who wrote it.
    public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// As it was written.
    public let text: String
    /// `UTC`, or an offset such as `+05:30`.
    public let zone: String

    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    /// True where one day is restricted and the other is not, so that both have to fit.
    private let needsBothDays: Bool
    private let offset: Int64

    /// Reads an expression such as `*/15 9-17 * * mon-fri`.
    public init(_ text: String, zone: String = "UTC") throws(Malformed) {
        let short = Cron.shorthands[text.lowercased()] ?? text
        let fields = short.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count == 5 else {
            throw Malformed(
                description: "five fields are needed: minute, hour, day, month, day of the week")
        }
        (self.text, self.zone) = (text, zone)
        offset = try Cron.offset(zone)
        minutes = try Field(name: "minute", range: 0...59).read(fields[0])
        hours = try Field(name: "hour", range: 0...23).read(fields[1])
        days = try Field(name: "day of the month", range: 1...31).read(fields[2])
        months = try Field(name: "month", range: 1...12, names: Cron.monthNames).read(fields[3])
        let seven = try Field(name: "day of the week", range: 0...7, names: Cron.dayNames)
            .read(fields[4])
        weekdays = (seven | seven >> 7) & 0x7f  // Sunday is 0 and 7
        needsBothDays = fields[2].hasPrefix("*") || fields[4].hasPrefix("*")
        guard next(after: 0) != nil else {
            throw Malformed(description: "no day ever fits \(fields[2]) in month \(fields[3])")
        }
    }

    /// The first moment after `moment` that fits; both in milliseconds since 1970.
    public func next(after moment: Int64) -> Int64? {
        let local = moment + offset
        var minute = Cron.floor(local, by: 60_000) + 1
        let firstDay = Cron.floor(minute, by: 1_440)
        // Eight years hold every day of the calendar, a leap day across 2100 included.
        for day in firstDay..<(firstDay + 8 * 366 + 2) where fits(day) {
            let start = max(minute, day * 1_440)
            for candidate in start..<(day + 1) * 1_440 {
                let hour = (candidate - day * 1_440) / 60
                guard hours & (1 << UInt64(hour)) != 0 else { continue }
                if minutes & (1 << UInt64(candidate % 60)) != 0 {
                    return candidate * 60_000 - offset
                }
            }
            minute = (day + 1) * 1_440
        }
        return nil
    }

    /// True when a day, counted from 1970, fits.
    private func fits(_ day: Int64) -> Bool {
        let date = CivilTime(day * 86_400)
        guard months & (1 << UInt64(date.month)) != 0 else { return false }
        let byMonth = days & (1 << UInt64(date.day)) != 0
        let byWeek = weekdays & (1 << UInt64(date.weekday)) != 0
        return needsBothDays ? byMonth && byWeek : byMonth || byWeek
    }

    private static func floor(_ value: Int64, by divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    /// Milliseconds east of Greenwich.
    private static func offset(_ zone: String) throws(Malformed) -> Int64 {
        if zone == "UTC" || zone == "Z" { return 0 }
        let parts = zone.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard zone.hasPrefix("+") || zone.hasPrefix("-"), parts.count == 2,
            parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isASCIIDigit) }),
            let hours = Int64(parts[0]), let minutes = Int64(parts[1]), hours < 15, minutes < 60
        else { throw Malformed(description: "the zone is UTC or an offset such as +05:30") }
        return (zone.hasPrefix("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000
    }

    private static let shorthands = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
        "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
        "@hourly": "0 * * * *",
    ]
    private static let monthNames = [
        "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
        "oct": 10, "nov": 11, "dec": 12,
    ]
    private static let dayNames = [
        "sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6,
    ]
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

/// How one field of the five is read.
private struct Field {
    let name: String
    let range: ClosedRange<Int>
    var names: [String: Int] = [:]

    /// A bit for each value that fits.
    func read(_ text: Substring) throws(Cron.Malformed) -> UInt64 {
        var bits: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let (values, step) = try values(item)
            for value in stride(from: values.lowerBound, through: values.upperBound, by: step) {
                bits |= 1 << UInt64(value)
            }
        }
        return bits
    }

    /// `*`, `7`, `9-17`, each with `/2` behind it.
    private func values(
        _ item: Substring
    ) throws(Cron.Malformed) -> (ClosedRange<Int>, step: Int) {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        var step = 1
        if parts.count > 1 {
            guard parts.count == 2, let number = number(parts[1]), number > 0 else {
                throw wrong(item)
            }
            step = number
        }
        if parts[0] == "*" { return (range, step) }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = value(ends[0]) else { throw wrong(item) }
        // `5/10` begins at 5 and goes on to the end.
        let open = parts.count == 2 ? range.upperBound : first
        let last = ends.count == 2 ? value(ends[1]) : open
        guard let last, first <= last else { throw wrong(item) }
        return (first...last, step)
    }

    private func value(_ text: Substring) -> Int? {
        guard let value = names[text.lowercased()] ?? number(text), range.contains(value) else {
            return nil
        }
        return value
    }

    private func number(_ text: Substring) -> Int? {
        text.count <= 4 && text.allSatisfy(\.isASCIIDigit) ? Int(text) : nil
    }

    private func wrong(_ item: Substring) -> Cron.Malformed {
        Cron.Malformed(
            description: "\(name): \"\(item.prefix(40))\" is not within "
                + "\(range.lowerBound) to \(range.upperBound)")
    }
}
