/// Wall milliseconds as RFC 3339 in UTC, such as `2026-01-31T09:05:00.007Z`.
///
/// Counted in whole numbers: every event of every stream passes here, and a `Double` of seconds
/// loses a millisecond now and then.
public func rfc3339(_ milliseconds: Int64) -> String {
    let day: Int64 = 86_400_000
    // Years of four digits are what the format has.
    let milliseconds = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    let days = milliseconds >= 0 ? milliseconds / day : (milliseconds - day + 1) / day
    let rest = Int(milliseconds - days * day)
    let date = civil(days)
    var out: [UInt8] = []
    out.reserveCapacity(24)
    append(date.year, 4, then: "-", to: &out)
    append(date.month, 2, then: "-", to: &out)
    append(date.day, 2, then: "T", to: &out)
    append(rest / 3_600_000, 2, then: ":", to: &out)
    append(rest / 60_000 % 60, 2, then: ":", to: &out)
    append(rest / 1_000 % 60, 2, then: ".", to: &out)
    append(rest % 1_000, 3, then: "Z", to: &out)
    return String(decoding: out, as: UTF8.self)
}

private func append(_ number: Int, _ digits: Int, then mark: Unicode.Scalar, to out: inout [UInt8])
{
    var (divisor, rest) = (1, number)
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
        out.append(48 + UInt8(rest / divisor))
        rest %= divisor
        divisor /= 10
    }
    out.append(UInt8(ascii: mark))
}

/// The Gregorian date of a day, counted from 1970. Years begin in March, so that the leap day is
/// the last of them, and repeat every 400.
private func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let month = (5 * ofYear + 2) / 153
    return (
        year + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
        ofYear - (153 * month + 2) / 5 + 1
    )
}
