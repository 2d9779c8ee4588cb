import Glibc

/// The keys of the maps that are open during validation, to find one that stands twice.
///
/// Small maps compare each new key with the ones before it; larger ones sort once when they close,
/// which no choice of keys can make slower than n log n.
struct MapKeys {
    /// A key as it stands in the document. Up to eight bytes, `prefix` alone identifies it, since
    /// an encoded key starts with its own length.
    struct Mark {
        let prefix: UInt64
        let offset: UInt32
        let length: UInt32
    }

    /// Maps with up to this many pairs compare, larger ones sort.
    static let compared = 16

    private var marks: [Mark] = []

    var count: Int { marks.count }

    mutating func reset() {
        if marks.capacity > 4096 { marks = [] } else { marks.removeAll(keepingCapacity: true) }
    }

    /// Notes a key of the map whose keys start at mark `first`; false when it was there before.
    @inline(__always)
    mutating func add(
        _ base: UnsafePointer<UInt8>, _ offset: Int, _ length: Int, first: Int, pairs: Int
    ) -> Bool {
        let mark = Mark(
            prefix: Self.prefix(base + offset, length),
            offset: UInt32(truncatingIfNeeded: offset), length: UInt32(truncatingIfNeeded: length))
        if pairs <= Self.compared {
            var index = first
            while index < marks.count {
                if marks[index].prefix == mark.prefix && Self.same(base, marks[index], mark) {
                    return false
                }
                index &+= 1
            }
        }
        marks.append(mark)
        return true
    }

    /// Forgets the keys of a map that closes; returns the offset of one that stood twice.
    mutating func close(_ base: UnsafePointer<UInt8>, first: Int, pairs: Int) -> Int? {
        defer { marks.removeSubrange(first...) }
        guard pairs > Self.compared else { return nil }
        marks[first...].sort { Self.order(base, $0, $1) }
        var index = first + 1
        while index < marks.count {
            if Self.same(base, marks[index - 1], marks[index]) {
                return Int(max(marks[index - 1].offset, marks[index].offset))
            }
            index += 1
        }
        return nil
    }

    private static func same(_ base: UnsafePointer<UInt8>, _ one: Mark, _ two: Mark) -> Bool {
        guard one.prefix == two.prefix && one.length == two.length else { return false }
        return one.length <= 8
            || memcmp(base + Int(one.offset), base + Int(two.offset), Int(one.length)) == 0
    }

    private static func order(_ base: UnsafePointer<UInt8>, _ one: Mark, _ two: Mark) -> Bool {
        if one.prefix != two.prefix { return one.prefix < two.prefix }
        if one.length != two.length { return one.length < two.length }
        if one.length <= 8 { return false }
        return memcmp(base + Int(one.offset), base + Int(two.offset), Int(one.length)) < 0
    }

    /// The first eight bytes as one number, zeros behind a shorter key.
    @inline(__always)
    private static func prefix(_ key: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
        if length >= 8 {
            return UInt64(
                bigEndian: UnsafeRawPointer(key).loadUnaligned(as: UInt64.self))
        }
        var value: UInt64 = 0
        var index = 0
        while index < length {
            value = value << 8 | UInt64(key[index])
            index &+= 1
        }
        return value << UInt64((8 - length) * 8)
    }
}
