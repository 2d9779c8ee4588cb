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

/// Wall milliseconds of an RFC 3339 time with its distance from UTC; nil for what is none.
public func milliseconds(rfc3339 text: String) -> Int64? {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
        guard range.upperBound <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[range] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        return value
    }
    let marks = [4: "-", 7: "-", 10: "Tt ", 13: ":", 16: ":"]
    guard bytes.count >= 20, marks.allSatisfy({ $1.utf8.contains(bytes[$0]) }),
        let year = number(0..<4), let month = number(5..<7), (1...12).contains(month),
        let day = number(8..<10), let hour = number(11..<13), hour < 24,
        let minute = number(14..<16), minute < 60, let second = number(17..<19), second <= 60
    else { return nil }
    var at = 19
    var fraction: Int64 = 0
    if bytes[at] == UInt8(ascii: ".") {
        let digits = bytes[(at + 1)...].prefix { (48...57).contains($0) }
        guard !digits.isEmpty else { return nil }
        at += 1 + digits.count
        for place in 0..<3 {
            fraction = fraction * 10 + (place < digits.count ? Int64(Array(digits)[place] - 48) : 0)
        }
    }
    var offset: Int64 = 0
    switch bytes.dropFirst(at).first {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): at += 1
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
        guard at + 6 == bytes.count, bytes[at + 3] == UInt8(ascii: ":"),
            let hours = number((at + 1)..<(at + 3)), let minutes = number((at + 4)..<(at + 6)),
            hours < 24, minutes < 60
        else { return nil }
        offset = (hours * 60 + minutes) * (bytes[at] == UInt8(ascii: "+") ? 1 : -1)
        at += 6
    default: return nil
    }
    // Years that begin in March have the leap day at their end.
    let shifted = month <= 2 ? year - 1 : year
    let leaps = shifted / 4 - shifted / 100 + shifted / 400
    let days = 365 * shifted + leaps + (153 * ((month + 9) % 12) + 2) / 5 + day - 719_469
    guard at == bytes.count, day >= 1, CivilTime(days * 86_400).day == Int(day) else { return nil }
    return (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1_000 + fraction
}
