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
            for index in values.indices { item(values[index], &self) }
        }
    }

    /// Writes a text key; its value follows.
    @inlinable @inline(__always)
    public mutating func key(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        need(length &+ 9)
        setHead(0x60, UInt64(length))
        UnsafeMutableRawPointer(base + count).copyMemory(from: name.utf8Start, byteCount: length)
        count &+= length
    }

    /// Writes an integer key, for types whose `CodingKeys` are `Int`; its value follows.
    @inlinable @inline(__always)
    public mutating func key(_ number: Int) { int(number) }

    /// Writes an integer.
    @inlinable @inline(__always)
    public mutating func int(_ value: Int) {
        if value >= 0 {
            head(0, UInt64(value))
        } else {
            head(0x20, UInt64(bitPattern: Int64(~value)))
        }
    }

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
    public mutating func double(_ value: Double) {
        need(9)
        base[count] = 0xFB
        UnsafeMutableRawPointer(base + count + 1).storeBytes(
            of: value.bitPattern.bigEndian, as: UInt64.self)
        count &+= 9
    }

    /// Writes a number of 32 bits.
    @inlinable @inline(__always)
    public mutating func float(_ value: Float) {
        need(5)
        base[count] = 0xFA
        UnsafeMutableRawPointer(base + count + 1).storeBytes(
            of: value.bitPattern.bigEndian, as: UInt32.self)
        count &+= 5
    }

    /// Writes a text string.
    @inlinable
    public mutating func string(_ value: String) {
        let done: Void? = value.utf8.withContiguousStorageIfAvailable { text($0) }
        if done == nil { foreign(value) }
    }

    /// Writes a string that is not kept as UTF-8.
    @usableFromInline @inline(never)
    mutating func foreign(_ value: String) {
        var value = value
        value.withUTF8 { text($0) }
    }

    @inlinable @inline(__always)
    mutating func text(_ utf8: UnsafeBufferPointer<UInt8>) {
        need(utf8.count &+ 9)
        setHead(0x60, UInt64(utf8.count))
        guard let start = utf8.baseAddress else { return }
        Self.copy(start, to: base + count, utf8.count)
        count &+= utf8.count
    }

    /// Copies bytes; up to sixteen of them as two words that may overlap, which beats a call.
    @inlinable @inline(__always)
    static func copy(_ from: UnsafeRawPointer, to: UnsafeMutableRawPointer, _ length: Int) {
        if length > 16 {
            to.copyMemory(from: from, byteCount: length)
        } else if length >= 8 {
            let last = (from + length - 8).loadUnaligned(as: UInt64.self)
            to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
            (to + length - 8).storeBytes(of: last, as: UInt64.self)
        } else if length >= 4 {
            let last = (from + length - 4).loadUnaligned(as: UInt32.self)
            to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
            (to + length - 4).storeBytes(of: last, as: UInt32.self)
        } else {
            var index = 0
            while index < length {
                to.storeBytes(
                    of: from.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index,
                    as: UInt8.self)
                index &+= 1
            }
        }
    }

    /// Writes a byte string.
    public mutating func data(_ value: Data) {
        if value.count >= Self.pieceBytes {
            head(0x40, UInt64(value.count))
            keep(.data(value))
        } else {
            value.withUnsafeBytes { byteString($0) }
        }
    }

    /// Writes a byte string.
    public mutating func bytes(_ value: [UInt8]) {
        if value.count >= Self.pieceBytes {
            head(0x40, UInt64(value.count))
            keep(.bytes(value))
        } else {
            value.withUnsafeBytes { byteString($0) }
        }
    }

    /// Writes an identifier: tag 37 around its 16 bytes.
    @inlinable
    public mutating func uuid(_ value: UUID) {
        need(19)
        base[count] = 0xD8
        base[count + 1] = 37
        base[count + 2] = 0x50
        UnsafeMutableRawPointer(base + count + 3).storeBytes(of: value.uuid, as: uuid_t.self)
        count &+= 19
    }

    /// Writes a point in time: tag 1 around the seconds since 1970, exact to a quarter microsecond.
    @inlinable
    public mutating func date(_ value: Date) {
        let seconds = value.timeIntervalSince1970
        if !WireLimits.isDate(seconds) { fail(.dateRange) }
        byte(0xC1)
        double(seconds)
    }

    /// Writes an address: tag 32 around its text.
    public mutating func url(_ value: URL) {
        head(0xC0, 32)
        string(value.absoluteString)
    }

    /// Writes a typed array of RFC 8746: tag 85, little-endian numbers of 32 bits.
    public mutating func floats(_ value: [Float]) {
        head(0xC0, 85)
        value.withUnsafeBytes { byteString($0) }
    }

    /// Writes a typed array of RFC 8746: tag 86, little-endian numbers of 64 bits.
    public mutating func doubles(_ value: [Double]) {
        head(0xC0, 86)
        value.withUnsafeBytes { byteString($0) }
    }

    /// Writes a tag; the tagged item follows.
    public mutating func tag(_ number: UInt64) { head(0xC0, number) }

    /// Notes that a value cannot be written; the encoder throws the first such note.
    public mutating func fail(_ code: WireError.Code) {
        if failure == nil { failure = WireError(code, offset: length) }
    }

    private mutating func byteString(_ content: UnsafeRawBufferPointer) {
        head(0x40, UInt64(content.count))
        if let start = content.baseAddress { raw(start, content.count) }
    }
}
