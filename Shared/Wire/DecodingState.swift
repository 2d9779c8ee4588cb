import Glibc

/// The document of one decoding call, and what helps to find keys in it.
struct DecodingState: ~Copyable {
    /// How far the map whose pairs begin at `start` has been read: its next pair is at `at`.
    ///
    /// Only a hint, one per level, and only for the map it names. It moves when a value has been
    /// decoded, so a failed attempt leaves it in front of the pair.
    struct Hint {
        var start = -1
        var at = 0
        var index = 0
    }

    /// A pair that was found: where its value begins, and the number of the pair after it.
    struct Found {
        let value: Int
        let next: Int
    }

    var base: UnsafePointer<UInt8>
    var end = 0
    var keys = KeyCache()
    var types = TypeTable()
    var validator = Validator()
    /// Pairs looked at and heads walked, the measure of the work of a call.
    var work = 0
    private let hints: UnsafeMutablePointer<Hint>
    private var deepest = 0
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

    /// Lets go of the document: whatever still holds a decoder finds no bytes any more.
    mutating func finish() {
        base = UnsafePointer(nothing)
        end = 0
        spelled.reset()
        for level in 0...deepest { hints[level] = Hint() }
        deepest = 0
    }

    /// A cursor for one value.
    @inline(__always)
    func reader(at place: Int) throws(WireError) -> WireReader {
        guard end > 0 else { throw WireError(.ended, offset: place) }
        return WireReader(base, at: place, end: end)
    }

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
        var reader = try reader(at: place)
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

    /// Moves the hint of a map behind a pair whose value was decoded.
    @inline(__always)
    mutating func pass(_ found: Found, _ map: ItemDecoder.Map, end: Int) {
        hints[map.level] = Hint(start: map.start, at: end, index: found.next)
    }

    /// Finds a key: right where the last one left off if they come in order, else by going round.
    @inline(__always)
    mutating func find<Key: CodingKey>(
        _ key: Key, _ table: KeyCache.Table?, _ map: ItemDecoder.Map
    ) throws(WireError) -> Found? {
        let bytes: UnsafeMutablePointer<UInt8>
        let length: Int
        if let table, let entry = KeyCache.entry(table, key), let known = entry.bytes {
            bytes = known
            length = Int(entry.length)
        } else {
            spelled.count = 0
            KeyForm.write(key, to: &spelled)
            bytes = spelled.base.assumingMemoryBound(to: UInt8.self)
            length = spelled.count
        }
        let hint = hints[map.level]
        if hint.start == map.start, hint.index < map.count, end &- hint.at > length,
            memcmp(base + hint.at, bytes, length) == 0
        {
            return Found(value: hint.at &+ length, next: hint.index &+ 1)
        }
        return try search(bytes, length, map)
    }

    @inline(never)
    private mutating func search(
        _ bytes: UnsafeMutablePointer<UInt8>, _ length: Int, _ map: ItemDecoder.Map
    ) throws(WireError) -> Found? {
        var hint = hints[map.level]
        if hint.start != map.start { hint = Hint(start: map.start, at: map.start, index: 0) }
        for _ in 0..<map.count {
            if hint.index >= map.count { hint = Hint(start: map.start, at: map.start, index: 0) }
            let value = try self.end(of: hint.at)
            if value - hint.at == length, memcmp(base + hint.at, bytes, length) == 0 {
                return Found(value: value, next: hint.index + 1)
            }
            hint.at = try self.end(of: value)
            hint.index += 1
        }
        return nil
    }
}
