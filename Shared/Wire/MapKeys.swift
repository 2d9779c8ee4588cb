import Glibc

/// The keys of the maps that are open during validation, to find one that stands twice.
///
/// Small maps compare each new key with the ones before it; larger ones sort once when they close,
/// which no choice of keys can make slower than n log n.
struct MapKeys: ~Copyable {
    /// A key as it stands in the document. Up to eight bytes, `prefix` alone identifies it, since
    /// an encoded key starts with its own length.
    struct Mark {
        let prefix: UInt64
        let offset: UInt32
        let length: UInt32
    }

    /// Maps with up to this many pairs compare, larger ones sort.
    static let compared = 16

    private var marks: UnsafeMutablePointer<Mark>
    private var capacity = 64
    private(set) var count = 0

    init() { marks = .allocate(capacity: capacity) }

    deinit { marks.deallocate() }

    mutating func reset() {
        count = 0
        if capacity > 4096 { resize(to: 64) }
    }

    @inline(never)
    private mutating func resize(to wanted: Int) {
        let new = UnsafeMutablePointer<Mark>.allocate(capacity: wanted)
        new.update(from: marks, count: count)
        marks.deallocate()
        marks = new
        capacity = wanted
    }

    /// Notes a key of the map whose keys start at mark `first`; false when it was there before.
    ///
    /// `seen` has one of 64 bits for each key of the map so far: only a key whose bit is there
    /// already is compared.
    @inline(__always)
    mutating func add(
        _ base: UnsafePointer<UInt8>, _ offset: Int, _ length: Int, end: Int, first: Int,
        pairs: Int,
        seen: inout UInt64
    ) -> Bool {
        let mark = Mark(
            prefix: Self.prefix(base + offset, length, left: end &- offset),
            offset: UInt32(truncatingIfNeeded: offset), length: UInt32(truncatingIfNeeded: length))
        if pairs <= Self.compared {
            let bit: UInt64 = 1 << ((mark.prefix &* 0x9E37_79B9_7F4A_7C15) >> 58)
            if seen & bit != 0 && isThere(base, mark, first) { return false }
            seen |= bit
        }
        if count == capacity { resize(to: capacity * 2) }
        marks[count] = mark
        count &+= 1
        return true
    }

    @inline(never)
    private func isThere(_ base: UnsafePointer<UInt8>, _ mark: Mark, _ first: Int) -> Bool {
        for index in first..<count where Self.same(base, marks[index], mark) { return true }
        return false
    }

    /// Forgets the keys of a map that closes; returns the offset of one that stood twice.
    @inline(__always)
    mutating func close(_ base: UnsafePointer<UInt8>, first: Int, pairs: Int) -> Int? {
        let last = count
        count = first
        return pairs > Self.compared ? twice(base, first, last) : nil
    }

    @inline(never)
    private func twice(_ base: UnsafePointer<UInt8>, _ first: Int, _ last: Int) -> Int? {
        var keys = UnsafeMutableBufferPointer(start: marks + first, count: last - first)
        keys.sort { Self.order(base, $0, $1) }
        for index in 1..<keys.count where Self.same(base, keys[index - 1], keys[index]) {
            return Int(max(keys[index - 1].offset, keys[index].offset))
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
    private static func prefix(
        _ key: UnsafePointer<UInt8>, _ length: Int, left: Int
    ) -> UInt64 {
        if left >= 8 {
            let word = UInt64(bigEndian: UnsafeRawPointer(key).loadUnaligned(as: UInt64.self))
            return length >= 8 ? word : word & ~(.max &>> UInt64(8 &* length))
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
