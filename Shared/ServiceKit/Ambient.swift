import Glibc

/// Time and identifiers as values that are passed in, so that tests turn the clock.
public struct Ambient: Sendable {
    /// Wall milliseconds since 1970.
    public var now: @Sendable () -> Int64
    /// A new identifier with a type prefix: `run_…`.
    public var makeID: @Sendable (_ prefix: String) -> String

    public init(
        now: @escaping @Sendable () -> Int64, makeID: @escaping @Sendable (String) -> String
    ) {
        (self.now, self.makeID) = (now, makeID)
    }

    public static let live = Ambient(
        now: wallMilliseconds, makeID: { timeOrderedID($0, at: wallMilliseconds()) })
}

/// Wall milliseconds since 1970.
public func wallMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

/// 48 bits of time and 80 of chance in Crockford's base 32, as ULID has it: ids sort by their age,
/// which keeps an index compact.
public func timeOrderedID(_ prefix: String, at milliseconds: Int64) -> String {
    let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    var text: [UInt8] = []
    for shift in stride(from: 45, through: 0, by: -5) {
        text.append(digits[Int(milliseconds >> Int64(shift)) & 31])
    }
    // The system is asked twice, not for each digit: five bits of each are enough.
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2 {
        let random = generator.next()
        for shift in stride(from: 0, to: 40, by: 5) {
            text.append(digits[Int(truncatingIfNeeded: random >> UInt64(shift)) & 31])
        }
    }
    return "\(prefix)_" + String(decoding: text, as: UTF8.self)
}
