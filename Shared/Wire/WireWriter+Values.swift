public import FoundationEssentials

extension WireWriter {
    /// Opens a map of `pairs` keys with their values, which follow in turn.
    @inlinable @inline(__always)
    public mutating func map(_ pairs: Int) { head(0xA0, UInt64(pairs)) }

    /// Opens an array of `items` values, which follow.
    @inlinable @inline(__always)
    public mutating func array(_ items: Int) { head(0x80, UInt64(items)) }

    /// Writes an array, calling `item` for each of its values, which writes one item.
    @inlinable @inline(__always)
    public mutating func list<Value>(
        _ values: [Value], _ item: (borrowing Value, inout WireWriter) -> Void
    ) {
        array(values.count)
        values.withUnsafeBufferPointer { values in
            guard let first = values.baseAddress else { return }
            Self.each(first, values.count, &self, item)
        }
    }

    /// Lends the values in turn. `~Copyable` is what keeps the compiler from copying each of them,
    /// which for a value of two strings costs more than writing it.
    @inlinable @inline(__always)
    static func each<Value: ~Copyable>(
        _ first: UnsafePointer<Value>, _ count: Int, _ writer: inout WireWriter,
        _ item: (borrowing Value, inout WireWriter) -> Void
    ) {
        var index = 0
        while index < count {
            item(first[index], &writer)
            index &+= 1
        }
    }

    /// Writes a text key; its value follows. `pair` writes both at once.
    @inlinable @inline(__always)
    public mutating func key(_ name: StaticString) {
        next = Self.put(key: name, at: room(name.utf8CodeUnitCount &+ 9))
    }

    /// Writes an integer key, for types whose `CodingKeys` are `Int`; its value follows.
    @inlinable @inline(__always)
    public mutating func key(_ number: Int) { int(number) }

    /// Writes an integer.
    @inlinable @inline(__always)
    public mutating func int(_ value: Int) { next = Self.put(value, at: room(9)) }

    /// Writes an unsigned integer.
    @inlinable @inline(__always)
    public mutating func uint(_ value: UInt64) { head(0, value) }

    /// Writes true or false.
    @inlinable @inline(__always)
    public mutating func bool(_ value: Bool) { byte(value ? 0xF5 : 0xF4) }

    /// Writes null.
    @inlinable @inline(__always)
    public mutating func null() { byte(0xF6) }

    /// Writes a number of 64 bits; only the canonical form shortens it.
    @inlinable @inline(__always)
    public mutating func double(_ value: Double) { next = Self.put(value, at: room(9)) }

    /// Writes a number of 32 bits.
    @inlinable @inline(__always)
    public mutating func float(_ value: Float) { next = Self.put(value, at: room(5)) }

    /// Writes a text string.
    @inlinable
    public mutating func string(_ value: String) {
        let place = room(value.utf8.count &+ 9)
        let end = value.utf8.withContiguousStorageIfAvailable {
            Self.put(0x60, UnsafeRawBufferPointer($0), at: place)
        }
        if let end { next = end } else { foreign(value) }
    }

    /// Writes a string that is not kept as UTF-8.
    @usableFromInline @inline(never)
    mutating func foreign(_ value: String) {
        var value = value
        value.makeContiguousUTF8()
        string(value)
    }

    /// Writes a byte string.
    public mutating func data(_ value: Data) {
        let bytes = value.bytes
        guard bytes.byteCount < Self.pieceBytes else { return longData(value) }
        let count = bytes.byteCount
        let place = Self.head(at: room(count &+ 9), 0x40, UInt64(count))
        bytes.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: place, count: count).copyMemory(from: $0)
        }
        next = place + count
    }

    @usableFromInline @inline(never)
    mutating func longData(_ value: Data) {
        head(0x40, UInt64(value.count))
        keep(.data(value))
    }

    /// Writes a byte string.
    @inlinable
    public mutating func bytes(_ value: [UInt8]) {
        guard value.count < Self.pieceBytes else { return longBytes(value) }
        value.withUnsafeBytes { next = Self.put(0x40, $0, at: room($0.count &+ 9)) }
    }

    @usableFromInline @inline(never)
    mutating func longBytes(_ value: [UInt8]) {
        head(0x40, UInt64(value.count))
        keep(.bytes(value))
    }

    /// Writes an identifier: tag 37 around its 16 bytes.
    @inlinable @inline(__always)
    public mutating func uuid(_ value: UUID) { next = Self.put(value, at: room(19)) }

    /// Writes a point in time: tag 1 around the seconds since 1970, exact to a quarter microsecond.
    @inlinable @inline(__always)
    public mutating func date(_ value: Date) {
        let seconds = value.timeIntervalSince1970
        if !WireLimits.isDate(seconds) { fail(.dateRange) }
        next = Self.put(date: seconds, at: room(10))
    }

    /// Writes an address: tag 32 around its text.
    public mutating func url(_ value: URL) {
        head(0xC0, 32)
        string(value.absoluteString)
    }

    /// Writes a typed array of RFC 8746: tag 85, little-endian numbers of 32 bits.
    public mutating func floats(_ value: [Float]) {
        head(0xC0, 85)
        value.withUnsafeBytes { next = Self.put(0x40, $0, at: room($0.count &+ 9)) }
    }

    /// Writes a typed array of RFC 8746: tag 86, little-endian numbers of 64 bits.
    public mutating func doubles(_ value: [Double]) {
        head(0xC0, 86)
        value.withUnsafeBytes { next = Self.put(0x40, $0, at: room($0.count &+ 9)) }
    }

    /// Writes a tag; the tagged item follows.
    public mutating func tag(_ number: UInt64) { head(0xC0, number) }

    /// Notes that a value cannot be written; the encoder throws the first such note.
    @inline(never)
    public mutating func fail(_ code: WireError.Code) {
        note(WireError(code, offset: length))
    }
}
