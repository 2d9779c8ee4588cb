public import FoundationEssentials

/// A text key and its value in one step, which takes half the time of `key` and a value.
extension WireWriter {
    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: Int) {
        next = Self.put(value, at: Self.put(key: name, at: room(name.utf8CodeUnitCount &+ 18)))
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: UInt64) {
        let place = Self.put(key: name, at: room(name.utf8CodeUnitCount &+ 18))
        next = Self.head(at: place, 0, value)
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: Bool) {
        let place = Self.put(key: name, at: room(name.utf8CodeUnitCount &+ 10))
        place.storeBytes(of: value ? 0xF5 : 0xF4, as: UInt8.self)
        next = place + 1
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: Double) {
        next = Self.put(value, at: Self.put(key: name, at: room(name.utf8CodeUnitCount &+ 18)))
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: Float) {
        next = Self.put(value, at: Self.put(key: name, at: room(name.utf8CodeUnitCount &+ 14)))
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: UUID) {
        next = Self.put(value, at: Self.put(key: name, at: room(name.utf8CodeUnitCount &+ 28)))
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: Date) {
        let seconds = value.timeIntervalSince1970
        if !WireLimits.isDate(seconds) { fail(.dateRange) }
        let place = Self.put(key: name, at: room(name.utf8CodeUnitCount &+ 19))
        next = Self.put(date: seconds, at: place)
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: Data) {
        key(name)
        data(value)
    }

    /// Writes a pair.
    @inlinable @inline(__always)
    public mutating func pair(_ name: StaticString, _ value: [UInt8]) {
        key(name)
        bytes(value)
    }
}

/// Items where there is room for them. Each returns the place behind what it wrote.
extension WireWriter {
    /// A key, where there is room of nine bytes more than it has. As it is a literal, all of this
    /// is worked out by the compiler but for one or two stores of eight bytes.
    @inlinable @inline(__always)
    static func put(
        key name: StaticString, at place: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let length = name.utf8CodeUnitCount
        if length < 16 {
            let text = name.utf8Start
            let first = word(text, min(length, 7)) &<< 8 | UInt64(0x60 | length)
            place.storeBytes(of: first.littleEndian, as: UInt64.self)
            if length > 7 {
                let second = word(text + 7, length &- 7)
                place.storeBytes(of: second.littleEndian, toByteOffset: 8, as: UInt64.self)
            }
            return place + (length &+ 1)
        }
        let body = head(at: place, 0x60, UInt64(length))
        body.copyMemory(from: name.utf8Start, byteCount: length)
        return body + length
    }

    /// Up to eight bytes as a number, the first one lowest.
    @inlinable @inline(__always)
    static func word(_ text: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
        let bytes = UnsafeRawPointer(text)
        if length >= 4 {
            let low = UInt64(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
            let high = UInt32(littleEndian: (bytes + length - 4).loadUnaligned(as: UInt32.self))
            return low | UInt64(high) &<< UInt64(8 &* (length &- 4))
        }
        if length == 0 { return 0 }
        let ends = UInt64(text[0]) | UInt64(text[length &- 1]) &<< UInt64(8 &* (length &- 1))
        return ends | UInt64(text[length / 2]) &<< UInt64(8 &* (length / 2))
    }

    @inlinable @inline(__always)
    static func put(_ value: Int, at place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        // The sign as a mask: -1 - n is what stands there for a number below zero.
        let sign = value &>> 63
        return head(
            at: place, UInt8(truncatingIfNeeded: sign) & 0x20,
            UInt64(bitPattern: Int64(value ^ sign)))
    }

    @inlinable @inline(__always)
    static func put(_ value: Double, at place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        place.storeBytes(of: 0xFB, as: UInt8.self)
        (place + 1).storeBytes(of: value.bitPattern.bigEndian, as: UInt64.self)
        return place + 9
    }

    @inlinable @inline(__always)
    static func put(_ value: Float, at place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        place.storeBytes(of: 0xFA, as: UInt8.self)
        (place + 1).storeBytes(of: value.bitPattern.bigEndian, as: UInt32.self)
        return place + 5
    }

    @inlinable @inline(__always)
    static func put(
        date seconds: Double, at place: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        place.storeBytes(of: 0xC1, as: UInt8.self)
        return put(seconds, at: place + 1)
    }

    @inlinable @inline(__always)
    static func put(_ value: UUID, at place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        place.storeBytes(of: UInt16(bigEndian: 0xD825), as: UInt16.self)
        (place + 2).storeBytes(of: 0x50, as: UInt8.self)
        (place + 3).storeBytes(
            of: unsafeBitCast(value.uuid, to: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
        return place + 19
    }

    /// A string of the major type `major`.
    @inlinable @inline(__always)
    static func put(
        _ major: UInt8, _ content: UnsafeRawBufferPointer, at place: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let body = head(at: place, major, UInt64(content.count))
        guard let start = content.baseAddress else { return body }
        copy(start, to: body, content.count)
        return body + content.count
    }

    /// Copies bytes; up to 32 of them as two words that may overlap, which beats a call.
    @inlinable @inline(__always)
    static func copy(_ from: UnsafeRawPointer, to: UnsafeMutableRawPointer, _ length: Int) {
        if length > 32 {
            to.copyMemory(from: from, byteCount: length)
        } else if length >= 16 {
            let last = (from + length - 16).loadUnaligned(as: SIMD16<UInt8>.self)
            to.storeBytes(of: from.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
            (to + length - 16).storeBytes(of: last, as: SIMD16<UInt8>.self)
        } else if length >= 8 {
            let last = (from + length - 8).loadUnaligned(as: UInt64.self)
            to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
            (to + length - 8).storeBytes(of: last, as: UInt64.self)
        } else if length >= 4 {
            let last = (from + length - 4).loadUnaligned(as: UInt32.self)
            to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
            (to + length - 4).storeBytes(of: last, as: UInt32.self)
        } else if length > 0 {
            let middle = from.load(fromByteOffset: length / 2, as: UInt8.self)
            let last = from.load(fromByteOffset: length - 1, as: UInt8.self)
            to.storeBytes(of: from.load(as: UInt8.self), as: UInt8.self)
            to.storeBytes(of: middle, toByteOffset: length / 2, as: UInt8.self)
            to.storeBytes(of: last, toByteOffset: length - 1, as: UInt8.self)
        }
    }
}
