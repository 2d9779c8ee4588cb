/// How long answers take lately: 95 of 100 of them, within a quarter.
///
/// Counts in steps that grow with the time, four to each doubling; old counts fade.
struct Latency: Sendable {
    private static let steps = 128
    /// Past this many, all counts are halved.
    private static let most = 1_024
    /// Fewer answers than this say nothing.
    private static let least = 20

    private var counts = [UInt16](repeating: 0, count: steps)
    private var sum = 0

    mutating func note(_ nanoseconds: UInt64) {
        counts[Self.step(nanoseconds / 1_024)] += 1
        sum += 1
        guard sum >= Self.most else { return }
        for step in counts.indices { counts[step] /= 2 }
        sum = counts.reduce(0) { $0 + Int($1) }
    }

    /// nil while too little is known.
    var slowest: UInt64? {
        guard sum >= Self.least else { return nil }
        var left = sum / 20
        for step in counts.indices.reversed() {
            left -= Int(counts[step])
            if left < 0 { return Self.end(of: step) * 1_024 }
        }
        return nil
    }

    private static func step(_ value: UInt64) -> Int {
        guard value >= 4 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        let quarter = Int(value >> UInt64(power - 2)) & 3
        return min((power - 1) * 4 + quarter, steps - 1)
    }

    private static func end(of step: Int) -> UInt64 {
        guard step >= 4 else { return UInt64(step) + 1 }
        let power = step / 4 + 1
        return (UInt64(step % 4) + 5) << UInt64(power - 2)
    }
}
