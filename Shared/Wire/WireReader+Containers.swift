extension WireReader {
    /// Reads a map, calling `pair` in front of each key. The key is taken with `isKey`, or the
    /// whole pair with `skipPair()`; then the value is read.
    @inlinable @inline(__always)
    public mutating func pairs(
        _ pair: (inout WireReader) throws(WireError) -> Void
    ) throws(WireError) {
        let count = try length(major: 5, unit: 2)
        try enter()
        let outer = seen
        seen = Seen(start: at)
        var index = 0
        while index < count {
            awaitsKey = true
            try pair(&self)
            // A key that was read as if it were a value is not known to be a key, or a new one.
            if awaitsKey { isInDoubt = true }
            index &+= 1
        }
        awaitsKey = false
        seen = outer
        depth &-= 1
    }

    /// Reads an array, calling `item` in front of each element.
    @inlinable @inline(__always)
    public mutating func list<Value>(
        _ item: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> [Value] {
        let start = at
        let count = try length(major: 4)
        try enter()
        var values: [Value] = []
        values.reserveCapacity(min(count, WireLimits.reservedElements))
        var index = 0
        while index < count {
            do throws(WireError) {
                values.append(try item(&self))
            } catch {
                at = start
                throw error.inside(index: index)
            }
            index &+= 1
        }
        depth &-= 1
        return values
    }

    @inlinable @inline(__always)
    mutating func enter() throws(WireError) {
        guard depth < WireLimits.depth else { throw failure(.tooDeep) }
        depth &+= 1
    }

    /// Opens a map and returns how many pairs follow; `pairs` is the faster way.
    public mutating func map() throws(WireError) -> Int {
        try validate()
        return try length(major: 5, unit: 2)
    }

    /// Opens an array and returns how many items follow; `list` is the faster way.
    public mutating func array() throws(WireError) -> Int {
        try validate()
        return try length(major: 4)
    }

    /// Takes the next item if it is exactly this text key.
    @inlinable @inline(__always)
    public mutating func isKey(_ name: StaticString) -> Bool {
        let length = name.utf8CodeUnitCount
        guard length < 24 else { return isLongKey(name) }
        guard end &- at > length, base[at] == 0x60 | UInt8(truncatingIfNeeded: length),
            matches(name.utf8Start, length, at: at &+ 1)
        else { return false }
        at &+= length &+ 1
        note(Seen.place(name.utf8Start, length), length &+ 1)
        return true
    }

    /// Takes the next item if it is exactly this integer key.
    @inlinable @inline(__always)
    public mutating func isKey(_ number: Int) -> Bool {
        guard (0..<24).contains(number) else { return isLongKey(number) }
        guard at < end, base[at] == UInt8(truncatingIfNeeded: number) else { return false }
        at &+= 1
        note(number, 1)
        return true
    }

    /// Notes the key of the innermost map that stands before the cursor, by its bit.
    @inlinable @inline(__always)
    mutating func note(_ place: Int, _ length: Int) {
        awaitsKey = false
        if seen.insert(place) && !isInDoubt { lookBack(length) }
    }

    /// Compares the key before the cursor with the earlier ones of its map, as one has the same
    /// bit. A long way back is left to `Validator`, so that the work stays linear.
    @usableFromInline @inline(never)
    mutating func lookBack(_ length: Int) {
        let key = at - length
        guard key - seen.start <= Seen.furthest else {
            isInDoubt = true
            return
        }
        var earlier = WireReader(base, at: seen.start, end: end)
        while earlier.at < key {
            if matches(base + earlier.at, length, at: key) || (try? earlier.skipPair()) == nil {
                isInDoubt = true
                return
            }
        }
    }

    @usableFromInline
    mutating func isLongKey(_ name: StaticString) -> Bool {
        let start = at
        guard let length = try? length(major: 3), length == name.utf8CodeUnitCount,
            matches(name.utf8Start, length, at: at)
        else {
            at = start
            return false
        }
        at &+= length
        note(Seen.place(name.utf8Start, length), at - start)
        return true
    }

    @usableFromInline
    mutating func isLongKey(_ number: Int) -> Bool {
        let start = at
        guard let found = try? int(), found == number else {
            at = start
            return false
        }
        note(number & 127, at - start)
        return true
    }

    @inlinable @inline(__always)
    func matches(_ other: UnsafePointer<UInt8>, _ length: Int, at place: Int) -> Bool {
        var index = 0
        while index < length {
            if base[place &+ index] != other[index] { return false }
            index &+= 1
        }
        return true
    }
}

extension WireReader {
    /// A set of 128 bits, one of which each key of a map has. Two keys may share one: that costs a
    /// look back, never a refusal.
    @usableFromInline
    struct Seen {
        /// How many bytes of a map `lookBack` walks at most.
        static let furthest = 4096

        /// Where the pairs of the map begin.
        @usableFromInline var start = 0
        @usableFromInline var low: UInt64 = 0
        @usableFromInline var high: UInt64 = 0

        @inlinable @inline(__always)
        init(start: Int = 0) { self.start = start }

        /// The bit of a name; the compiler works it out, as names are literals. The factors are the
        /// ones with the fewest clashes among the types of this repository.
        @inlinable @inline(__always)
        static func place(_ name: UnsafePointer<UInt8>, _ length: Int) -> Int {
            guard length > 0 else { return 0 }
            let ends = Int(name[0]) &* 119 &+ Int(name[length &- 1]) &* 60
            return (ends &+ Int(name[length / 2]) &* 54 &+ length &* 27) & 127
        }

        /// Whether the bit was there before.
        @inlinable @inline(__always)
        mutating func insert(_ place: Int) -> Bool {
            let bit: UInt64 = 1 << UInt64(place & 63)
            if place < 64 {
                defer { low |= bit }
                return low & bit != 0
            }
            defer { high |= bit }
            return high & bit != 0
        }
    }
}
