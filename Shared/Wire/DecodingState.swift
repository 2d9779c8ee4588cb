import Glibc

/// The document of one decoding call, and what helps to find keys in it.
struct DecodingState: ~Copyable, PooledCoder {
    /// How far the map whose pairs begin at `start` has been read: its next pair is at `at`.
    ///
    /// Only a hint, one per level, and only for the map it names. It moves when a value has been
    /// decoded, so a failed attempt leaves it in front of the pair.
    struct Hint {
        var start = -1
        var at = 0
        var index = 0
        /// How many pairs have been read, each by another key, and the bits of these keys: when no
        /// pair is left over, a key whose bit is missing is not in the map.
        var taken = 0
        var seen: UInt64 = 0
        /// Whose bits they are.
        var table: KeyTable?
    }

    /// A pair that was found: where its value begins, the number of the pair after it, and the bit
    /// of its key, if that has one.
    struct Found {
        let value: Int
        let next: Int
        let bit: UInt64
    }

    var base: UnsafePointer<UInt8>
    var end = 0
    var keys = KeyCache<KeyedSource>()
    var types = TypeTable()
    var validator = Validator()
    /// Pairs looked at and heads walked, the measure of the work of a call.
    var work = 0
    private let hints: UnsafeMutablePointer<Hint>
    private var deepest = 0
    /// The number of this call; what has another one escaped out of its call.
    private(set) var serial: UInt64 = 1
    var isBusy = false
    /// The encoded form of a key that the cache does not hold.
    private var spelled = WireWriter(capacity: 128)
    private let nothing: UnsafeMutablePointer<UInt8>

    init() {
        nothing = .allocate(capacity: 1)
        nothing.initialize(to: 0)
        base = UnsafePointer(nothing)
        hints = .allocate(capacity: WireLimits.nesting + 1)
        hints.initialize(repeating: Hint(), count: WireLimits.nesting + 1)
    }

    deinit {
        spelled.close()
        hints.deallocate()
        nothing.deallocate()
    }

    /// Takes up a document, once it has been validated.
    mutating func begin(_ base: UnsafePointer<UInt8>, _ count: Int) throws(WireError) {
        try validator.check(base, count: count)
        self.base = base
        end = count
        work = 0
    }

    /// Lets go of the document: whatever still holds a decoder is refused from now on.
    mutating func finish() {
        serial &+= 1
        base = UnsafePointer(nothing)
        end = 0
        spelled.reset()
        for level in 0...deepest { hints[level].start = -1 }
        deepest = 0
    }

    /// A cursor for one value.
    @inline(__always)
    func reader(at place: Int) -> WireReader { WireReader(base, at: place, end: end) }

    @inline(__always)
    func isNull(at place: Int) -> Bool { place < end && base[place] == 0xF6 }

    /// Refuses types that nest beyond the levels there are.
    @inline(__always)
    mutating func enter(_ level: Int, at place: Int) throws(WireError) {
        guard level <= WireLimits.nesting else { throw WireError(.tooDeep, offset: place) }
        if level > deepest { deepest = level }
    }

    /// Where the item that starts here ends: a look-up for larger containers, a short walk else.
    mutating func end(of place: Int) throws(WireError) -> Int {
        var reader = reader(at: place)
        while reader.at < end && base[reader.at] >> 5 == 6 { _ = try reader.head() }
        work &+= 1
        if reader.at < end, (0x81..<0xC0).contains(base[reader.at]), base[reader.at] != 0xA0,
            let known = validator.spans.end(of: reader.at)
        {
            return known
        }
        work &+= try reader.skip(items: 1)
        return reader.at
    }

    /// Takes up a map whose keys will be asked for.
    @inline(__always)
    mutating func open(_ map: ItemDecoder.Map, _ table: KeyTable?) {
        guard hints[map.level].start != map.start || hints[map.level].table != table else { return }
        hints[map.level] = Hint(start: map.start, at: map.start, table: table)
    }

    /// Moves the hint of a map behind a pair whose value was decoded.
    @inline(__always)
    mutating func pass(_ found: Found, _ map: ItemDecoder.Map, _ table: KeyTable?, end: Int) {
        if hints[map.level].start != map.start { reopen(map, table) }
        hints[map.level].at = end
        hints[map.level].index = found.next
        if found.bit & ~hints[map.level].seen != 0 && hints[map.level].table == table {
            hints[map.level].taken &+= 1
            hints[map.level].seen |= found.bit
        }
    }

    /// Starts the hint of a map anew, after another one of this level was read in between.
    @inline(never)
    private mutating func reopen(_ map: ItemDecoder.Map, _ table: KeyTable?) {
        hints[map.level] = Hint(start: map.start, at: map.start, table: table)
    }

    /// Finds a key: right where the last one left off if they come in order, else by going round.
    @inline(__always)
    mutating func find<Key: CodingKey>(
        _ key: Key, _ table: KeyTable?, _ map: ItemDecoder.Map
    ) throws(WireError) -> Found? {
        guard let table, let entry = table.entry(key) else {
            return try findSpelled(key, map)
        }
        let bit = table.bit(of: entry)
        let hint = hints + map.level
        if hint.pointee.start == map.start {
            let at = hint.pointee.at
            if hint.pointee.index < map.count
                && entry.pointee.stands(at: base + at, left: end &- at)
            {
                let value = at &+ entry.pointee.length
                return Found(value: value, next: hint.pointee.index &+ 1, bit: bit)
            }
            if hint.pointee.taken == map.count && hint.pointee.table == table
                && bit & ~hint.pointee.seen != 0
            {
                return nil
            }
        }
        guard let bytes = entry.pointee.bytes else { return nil }
        return try search(bytes, entry.pointee.length, bit, map)
    }

    /// The same for a key that the cache does not hold.
    @inline(never)
    private mutating func findSpelled<Key: CodingKey>(
        _ key: Key, _ map: ItemDecoder.Map
    ) throws(WireError) -> Found? {
        spelled.count = 0
        KeyForm.write(key, to: &spelled)
        return try search(spelled.base, spelled.count, 0, map)
    }

    @inline(never)
    private mutating func search(
        _ bytes: UnsafeMutableRawPointer, _ length: Int, _ bit: UInt64, _ map: ItemDecoder.Map
    ) throws(WireError) -> Found? {
        var (at, index) = (hints[map.level].at, hints[map.level].index)
        if hints[map.level].start != map.start { (at, index) = (map.start, 0) }
        for _ in 0..<map.count {
            if index >= map.count { (at, index) = (map.start, 0) }
            let value = try self.end(of: at)
            if value - at == length, memcmp(base + at, bytes, length) == 0 {
                return Found(value: value, next: index + 1, bit: bit)
            }
            at = try self.end(of: value)
            index += 1
        }
        return nil
    }
}
