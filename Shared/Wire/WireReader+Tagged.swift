public import FoundationEssentials

extension WireReader {
    /// Reads a tag of any number; the tagged item is next.
    public mutating func tag() throws(WireError) -> UInt64 {
        try validate()
        return try anyTag()
    }

    private mutating func anyTag() throws(WireError) -> UInt64 {
        let start = at
        let head = try head()
        if head.major == 6 { return head.value }
        at = start
        throw failure(.typeMismatch)
    }

    /// Reads an identifier, tag 37.
    @inlinable
    public mutating func uuid() throws(WireError) -> UUID {
        let head = UnsafeRawPointer(base + at)
        guard end &- at >= 19, base[at &+ 2] == 0x50,
            head.loadUnaligned(as: UInt16.self) == UInt16(bigEndian: 0xD825)
        else { return try oddUUID() }
        at &+= 19
        // A load, as `UUID.init(uuid:)` takes sixteen arguments on the stack.
        return (head + 3).load(as: UUID.self)
    }

    @usableFromInline @inline(never)
    mutating func oddUUID() throws(WireError) -> UUID {
        try tagged(37) { reader throws(WireError) in
            _ = try reader.length(major: 2)
            throw reader.failure(.invalidValue)
        }
    }

    /// Reads a point in time, tag 1, refusing one outside of the years 0 to 9999.
    @inlinable
    public mutating func date() throws(WireError) -> Date {
        if end &- at >= 10, base[at] == 0xC1, base[at &+ 1] == 0xFB {
            let bits = UnsafeRawPointer(base + at + 2).loadUnaligned(as: UInt64.self)
            let seconds = Double(bitPattern: UInt64(bigEndian: bits))
            if WireLimits.isDate(seconds) {
                at &+= 10
                return Date(timeIntervalSince1970: seconds)
            }
        }
        return try oddDate()
    }

    @usableFromInline @inline(never)
    mutating func oddDate() throws(WireError) -> Date {
        try tagged(1) { reader throws(WireError) in
            let seconds = try reader.double()
            guard WireLimits.isDate(seconds) else { throw reader.failure(.dateRange) }
            return Date(timeIntervalSince1970: seconds)
        }
    }

    /// Reads an address, tag 32.
    public mutating func url() throws(WireError) -> URL {
        try tagged(32) { reader throws(WireError) in
            guard let value = URL(string: try reader.string()) else {
                throw reader.failure(.invalidValue)
            }
            return value
        }
    }

    /// Reads a typed array of RFC 8746, or a plain array of numbers.
    public mutating func floats() throws(WireError) -> [Float] {
        try numbers(tag: 85) { reader throws(WireError) in try reader.float() }
    }

    /// Reads a typed array of RFC 8746, or a plain array of numbers.
    public mutating func doubles() throws(WireError) -> [Double] {
        try numbers(tag: 86) { reader throws(WireError) in try reader.double() }
    }

    private mutating func numbers<Value: BinaryFloatingPoint>(
        tag: UInt64, _ item: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> [Value] {
        if at < end && base[at] >> 5 == 4 { return try list(item) }
        return try tagged(tag) { reader throws(WireError) in
            let length = try reader.length(major: 2)
            let width = MemoryLayout<Value>.size
            guard length % width == 0 else { throw reader.failure(.invalidValue) }
            let count = length / width
            let source = reader.base + reader.at
            // Both ends are little-endian: tags 85 and 86 say so, and so is every host we run on.
            let values = [Value](unsafeUninitializedCapacity: count) { target, filled in
                UnsafeMutableRawBufferPointer(target).copyMemory(
                    from: UnsafeRawBufferPointer(start: source, count: length))
                filled = count
            }
            reader.at &+= length
            return values
        }
    }

    /// Reads what a given tag holds, leaving the cursor in place when it is refused.
    private mutating func tagged<Value>(
        _ number: UInt64, _ content: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        let start = at
        guard try anyTag() == number else {
            at = start
            throw failure(.typeMismatch)
        }
        do throws(WireError) {
            return try content(&self)
        } catch {
            at = start
            throw WireError(error.code, offset: start)
        }
    }
}
