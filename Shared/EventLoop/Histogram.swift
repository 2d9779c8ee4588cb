/// How long things took, in memory of a fixed size: counts in steps that grow with the time, sixteen
/// to each doubling, so that a quantile is right within one sixteenth.
///
/// Counts only grow. A reader that keeps an earlier copy sees what happened since by `since(_:)`.
public struct Histogram: Sendable, Equatable {
    /// The finest step is 64 ns; what took longer than a day counts as a day.
    private static let unit: UInt64 = 6
    static let most = 608

    /// As far as something has been counted.
    private var counts: [UInt64] = []
    /// All times together, in nanoseconds.
    public private(set) var sum: UInt64 = 0
    /// The longest time of all, in nanoseconds; not that of a window.
    public private(set) var longest: UInt64 = 0

    public init() {}

    public mutating func note(_ nanoseconds: UInt64) {
        let bucket = Self.bucket(nanoseconds)
        if bucket >= counts.count { grow(to: bucket) }
        counts[bucket] &+= 1
        sum &+= nanoseconds
        if nanoseconds > longest { longest = nanoseconds }
    }

    /// In powers of two: most of what comes is near to what came.
    @inline(never)
    private mutating func grow(to bucket: Int) {
        let room = min((bucket / 64 + 1) * 64, Self.most)
        counts += [UInt64](repeating: 0, count: room - counts.count)
    }

    /// How many have been counted.
    public var count: Int { Int(clamping: counts.reduce(0, &+)) }

    /// How many took at most so long: exact where `nanoseconds` is a power of two of at least 64, and
    /// elsewhere short by what one step holds.
    public func count(within nanoseconds: UInt64) -> Int {
        var sum: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            guard Self.end(of: bucket) <= nanoseconds else { break }
            sum &+= count
        }
        return Int(clamping: sum)
    }

    /// The mean in nanoseconds; zero of nothing.
    public var mean: UInt64 { count > 0 ? sum / UInt64(count) : 0 }

    /// The time within which `share` of all were done, in nanoseconds; nil of nothing.
    public func quantile(_ share: Double) -> UInt64? {
        let all = count
        guard all > 0 else { return nil }
        var left = max(UInt64((Double(all) * min(max(share, 0), 1)).rounded(.up)), 1)
        for (bucket, count) in counts.enumerated() {
            if count >= left { return min(Self.end(of: bucket), longest) }
            left -= count
        }
        return longest
    }

    /// What has been counted after `earlier`, an older copy of the same; all of it when that is not
    /// what `earlier` is, as after a restart.
    public func since(_ earlier: Histogram) -> Histogram {
        var rest = self
        guard earlier.sum <= sum, earlier.counts.count <= counts.count else { return self }
        for (bucket, count) in earlier.counts.enumerated() {
            guard count <= counts[bucket] else { return self }
            rest.counts[bucket] -= count
        }
        rest.sum -= earlier.sum
        return rest
    }

    // MARK: The steps

    static func bucket(_ nanoseconds: UInt64) -> Int {
        let value = nanoseconds >> unit
        guard value >= 16 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        let bucket = (power - 3) * 16 + Int(value >> UInt64(power - 4)) & 15
        return min(bucket, most - 1)
    }

    /// The first time that no longer belongs to a bucket, in nanoseconds.
    static func end(of bucket: Int) -> UInt64 {
        let next = bucket + 1
        guard next >= 16 else { return UInt64(next) << unit }
        return UInt64(16 + next % 16) << (UInt64(next / 16 - 1) + unit)
    }
}

/// On the wire: the buckets that hold something, each with its count, one after the other.
extension Histogram: Codable {
    private enum CodingKeys: String, CodingKey {
        case buckets, sum, longest
    }

    public func encode(to encoder: any Encoder) throws {
        var pairs: [Int] = []
        for (bucket, count) in counts.enumerated() where count > 0 {
            pairs.append(bucket)
            pairs.append(Int(clamping: count))
        }
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(pairs, forKey: .buckets)
        try values.encode(sum, forKey: .sum)
        try values.encode(longest, forKey: .longest)
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        sum = try values.decode(UInt64.self, forKey: .sum)
        longest = try values.decode(UInt64.self, forKey: .longest)
        let pairs = try values.decode([Int].self, forKey: .buckets)
        for index in stride(from: 0, to: pairs.count, by: 2) {
            guard index + 1 < pairs.count, (0..<Self.most).contains(pairs[index]),
                pairs[index + 1] >= 0
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .buckets, in: values, debugDescription: "no buckets of a histogram")
            }
            if pairs[index] >= counts.count { grow(to: pairs[index]) }
            counts[pairs[index]] = UInt64(pairs[index + 1])
        }
    }
}
