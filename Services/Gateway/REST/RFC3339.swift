import Civil

/// Wall milliseconds as RFC 3339 in UTC, such as `2026-01-31T09:05:00.007Z`.
///
/// Counted in whole numbers: every event of every stream passes here, and a `Double` of seconds
/// loses a millisecond now and then.
public func rfc3339(_ milliseconds: Int64) -> String {
    // Years of four digits are what the format has.
    let milliseconds = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    let seconds = milliseconds >= 0 ? milliseconds / 1_000 : (milliseconds - 999) / 1_000
    let time = CivilTime(seconds)
    var out: [UInt8] = []
    out.reserveCapacity(24)
    append(time.year, 4, then: "-", to: &out)
    append(time.month, 2, then: "-", to: &out)
    append(time.day, 2, then: "T", to: &out)
    append(time.hour, 2, then: ":", to: &out)
    append(time.minute, 2, then: ":", to: &out)
    append(time.second, 2, then: ".", to: &out)
    append(Int(milliseconds - seconds * 1_000), 3, then: "Z", to: &out)
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
