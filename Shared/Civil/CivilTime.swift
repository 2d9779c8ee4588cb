/// A moment in UTC as people count it, in the Gregorian calendar.
///
/// Days by the rule of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms". No leap
/// seconds, as POSIX has it.
public struct CivilTime: Sendable, Equatable {
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let day: Int
    public let hour: Int
    public let minute: Int
    public let second: Int
    /// 0 is Sunday.
    public let weekday: Int

    /// From seconds since 1970, before it as well.
    public init(_ seconds: Int64) {
        let days = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        let rest = Int(seconds) - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * part + 2) / 5 + 1
        month = part < 10 ? part + 3 : part - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
        weekday = ((days + 4) % 7 + 7) % 7
    }

    /// `2026-01-31T23:59:59Z` (RFC 3339).
    public var rfc3339: String {
        "\(digits(year, 4))-\(digits(month))-\(digits(day))"
            + "T\(digits(hour)):\(digits(minute)):\(digits(second))Z"
    }

    /// `20260131T235959Z` (ISO 8601, basic).
    public var basic: String {
        "\(digits(year, 4))\(digits(month))\(digits(day))"
            + "T\(digits(hour))\(digits(minute))\(digits(second))Z"
    }

    /// `Sat, 31 Jan 2026 23:59:59 GMT`, the date of HTTP (RFC 9110, 5.6.7).
    public var httpDate: String {
        "\(Self.weekdays[weekday]), \(digits(day)) \(Self.months[month - 1]) \(digits(year, 4)) "
            + "\(digits(hour)):\(digits(minute)):\(digits(second)) GMT"
    }

    /// Seconds since 1970 of a date of HTTP in the one form that is still sent; nil for what is none.
    public static func seconds(httpDate text: String) -> Int64? {
        let parts = text.split { $0 == " " || $0 == ":" || $0 == "," }
        guard parts.count == 8, parts[7] == "GMT", let month = months.firstIndex(of: parts[2]),
            let day = Int64(parts[1]), (1...31).contains(day),
            let year = Int64(parts[3]), (1...9_999).contains(year),
            let hour = Int64(parts[4]), (0...23).contains(hour),
            let minute = Int64(parts[5]), (0...59).contains(minute),
            let second = Int64(parts[6]), (0...60).contains(second)
        else { return nil }
        // Years that begin in March have the leap day at their end.
        let shifted = month < 2 ? year - 1 : year
        let fromMarch = Int64((month + 10) % 12)
        let days =
            365 * shifted + shifted / 4 - shifted / 100 + shifted / 400
            + (153 * fromMarch + 2) / 5 + day - 719_469
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private func digits(_ number: Int, _ count: Int = 2) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
