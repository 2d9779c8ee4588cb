/// So many units a minute, all of them at once if none were used for a minute.
///
/// Counts in whole parts of a unit, a sixty-billionth each, so that a minute has exactly its units
/// however often one looks. A caller that used more than it took drives the level below zero.
public struct TokenBucket: Sendable, Equatable {
    private static let part: Int128 = 60_000_000_000

    public let perMinute: Int
    private var level: Int128
    private var seen: UInt64

    /// `now` on the monotonic clock, in nanoseconds, as everywhere here.
    public init(perMinute: Int, now: UInt64) {
        self.perMinute = max(perMinute, 1)
        level = Int128(self.perMinute) * Self.part
        seen = now
    }

    private var full: Int128 { Int128(perMinute) * Self.part }

    private func level(at now: UInt64) -> Int128 {
        guard now > seen else { return level }
        return min(level + Int128(now - seen) * Int128(perMinute), full)
    }

    /// When there is room for so many; nil when there is now. What is larger than the bucket is let
    /// through by a full one.
    public func time(for units: Int, now: UInt64) -> UInt64? {
        let wanted = min(Int128(max(units, 0)) * Self.part, full)
        let missing = wanted - level(at: now)
        guard missing > 0 else { return nil }
        let wait = (missing + Int128(perMinute) - 1) / Int128(perMinute)
        return UInt64(clamping: Int128(now) + wait)
    }

    /// Takes so many, or gives them back when they are negative.
    public mutating func take(_ units: Int, now: UInt64) {
        level = min(level(at: now) - Int128(units) * Self.part, full)
        seen = max(seen, now)
    }
}
