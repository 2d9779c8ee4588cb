extension WireReader {
    /// The pairs of a map that is being read: how many are left, and which keys there were.
    ///
    /// It belongs into a local variable, where the compiler keeps it in registers.
    public struct Pairs: ~Copyable {
        @usableFromInline var left: Int
        /// How many were left when the present round over the keys began.
        @usableFromInline var round: Int
        /// Where a key must end: nowhere, once no pair is left.
        @usableFromInline var limit: Int
        /// Where the pairs begin, and how deep the map itself stands.
        @usableFromInline let start: Int
        @usableFromInline let depth: Int
        @usableFromInline var low: UInt64 = 0
        @usableFromInline var high: UInt64 = 0

        @inlinable @inline(__always)
        init(_ count: Int, start: Int, end: Int, depth: Int) {
            left = count
            round = count
            limit = count == 0 ? 0 : end
            self.start = start
            self.depth = depth
        }

        /// Counts a pair whose key was taken; true where its bit was there before.
        ///
        /// The bits are a set of 128, one of which each key has. Two keys may share one: that costs
        /// a look back, never a refusal.
        @inlinable @inline(__always)
        mutating func take(_ place: Int) -> Bool {
            left &-= 1
            if left == 0 { limit = 0 }
            let bit: UInt64 = 1 &<< UInt64(place & 63)
            if place < 64 {
                defer { low |= bit }
                return low & bit != 0
            }
            defer { high |= bit }
            return high & bit != 0
        }

        /// The bit of a name; the compiler works it out, as names are literals. The factors are the
        /// ones with the fewest clashes among the types of this repository.
        @inlinable @inline(__always)
        static func place(_ name: UnsafePointer<UInt8>, _ length: Int) -> Int {
            guard length > 0 else { return 0 }
            let ends = Int(name[0]) &* 119 &+ Int(name[length &- 1]) &* 60
            return (ends &+ Int(name[length / 2]) &* 54 &+ length &* 27) & 127
        }

        /// How many bytes of a map `lookBack` walks at most.
        static let furthest = 4096
    }

    /// Opens a map, whose keys are then asked for in rounds:
    ///
    ///     var pairs = try reader.pairs()
    ///     repeat {
    ///         if reader.isKey("id", &pairs) { id = try reader.uuid() }
    ///         if reader.isKey("name", &pairs) { name = try reader.string() }
    ///     } while try reader.hasMore(&pairs)
    ///
    /// One round reads a document whose keys come in this order; any other order takes more.
    @inlinable @inline(__always)
    public mutating func pairs() throws(WireError) -> Pairs {
        let count = try length(major: 5, unit: 2)
        let outer = depth
        try enter()
        return Pairs(count, start: at, end: end, depth: outer)
    }

    /// Whether the keys have to be asked for once more. After a round in which none was found, the
    /// pair that nobody knows is skipped.
    @inlinable @inline(__always)
    public mutating func hasMore(_ pairs: inout Pairs) throws(WireError) -> Bool {
        if pairs.left > 0 && pairs.left == pairs.round {
            try skipPair()
            pairs.left &-= 1
            if pairs.left == 0 { pairs.limit = 0 }
        }
        pairs.round = pairs.left
        if pairs.left > 0 { return true }
        depth = pairs.depth
        return false
    }

    /// Reads an array, calling `item` in front of each element.
    @inlinable @inline(__always)
    public mutating func list<Value>(
        _ item: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> [Value] {
        let start = at
        let outer = depth
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
                depth = outer
                throw error.inside(index: index)
            }
            index &+= 1
        }
        depth = outer
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
}
