public import FoundationEssentials

extension WireReader {
    /// Whether the next item is null; it is not taken.
    @inlinable @inline(__always)
    public func isNull() -> Bool { at < end && base[at] == 0xF6 }

    /// Takes the next item if it is null, as a value that may be missing may also be.
    @inlinable @inline(__always)
    public mutating func takeNull() -> Bool {
        guard isNull() else { return false }
        at &+= 1
        return true
    }

    /// Reads null.
    public mutating func null() throws(WireError) {
        guard at < end else { throw failure(.truncated) }
        guard base[at] == 0xF6 else { throw failure(.typeMismatch) }
        at &+= 1
    }

    /// Reads an integer that fits 64 bits with a sign.
    @inlinable @inline(__always)
    public mutating func int() throws(WireError) -> Int {
        if at < end && base[at] < 24 {
            at &+= 1
            return Int(base[at &- 1])
        }
        return try wideInt()
    }

    @usableFromInline @inline(never)
    mutating func wideInt() throws(WireError) -> Int {
        let start = at
        guard at < end, base[at] < 0x40 else {
            _ = try head()
            at = start
            throw failure(.typeMismatch)
        }
        let head = try wideHead()
        if head.value <= UInt64(Int.max) {
            let value = Int(truncatingIfNeeded: head.value)
            return head.major == 0 ? value : ~value
        }
        at = start
        throw failure(.numberRange)
    }

    /// Reads an integer that is not negative.
    @inlinable @inline(__always)
    public mutating func uint() throws(WireError) -> UInt64 {
        if at < end && base[at] < 24 {
            at &+= 1
            return UInt64(base[at &- 1])
        }
        return try wideUInt()
    }

    @usableFromInline @inline(never)
    mutating func wideUInt() throws(WireError) -> UInt64 {
        let start = at
        guard at < end, base[at] < 0x20 else {
            let head = try head()
            at = start
            throw failure(head.major == 1 ? .numberRange : .typeMismatch)
        }
        return try wideHead().value
    }

    /// Reads an integer of any width, refusing one that does not fit.
    @inlinable
    public mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self
    ) throws(WireError) -> Value {
        let start = at
        let value = Value.isSigned ? Value(exactly: try int()) : Value(exactly: try uint())
        if let value { return value }
        at = start
        throw failure(.numberRange)
    }

    /// Reads true or false.
    @inlinable
    public mutating func bool() throws(WireError) -> Bool {
        guard at < end else { throw failure(.truncated) }
        let byte = base[at]
        guard byte == 0xF5 || byte == 0xF4 else { throw failure(.typeMismatch) }
        at &+= 1
        return byte == 0xF5
    }

    /// Reads a number of any width, or an integer that it can hold exactly.
    @inlinable
    public mutating func double() throws(WireError) -> Double {
        if end &- at > 8 && base[at] == 0xFB {
            let bits = UnsafeRawPointer(base + at + 1).loadUnaligned(as: UInt64.self)
            at &+= 9
            return Double(bitPattern: UInt64(bigEndian: bits))
        }
        return try oddDouble()
    }

    @usableFromInline @inline(never)
    mutating func oddDouble() throws(WireError) -> Double {
        let start = at
        let head = try head()
        switch head.initial {
        case 0xFB: return Double(bitPattern: head.value)
        case 0xFA: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: head.value)))
        case 0xF9: return Double(Float16(bitPattern: UInt16(truncatingIfNeeded: head.value)))
        default: break
        }
        at = start
        guard head.major <= 1 else { throw failure(.typeMismatch) }
        guard let value = Double(exactly: try int()) else {
            at = start
            throw failure(.numberRange)
        }
        return value
    }

    /// Reads a number that 32 bits hold exactly.
    @inlinable
    public mutating func float() throws(WireError) -> Float {
        if end &- at > 4 && base[at] == 0xFA {
            let bits = UnsafeRawPointer(base + at + 1).loadUnaligned(as: UInt32.self)
            at &+= 5
            return Float(bitPattern: UInt32(bigEndian: bits))
        }
        return try oddFloat()
    }

    @usableFromInline @inline(never)
    mutating func oddFloat() throws(WireError) -> Float {
        let start = at
        let wide = try double()
        let value = Float(wide)
        if Double(value) == wide || wide.isNaN { return value }
        at = start
        throw failure(.numberRange)
    }

    /// Reads a text string.
    public mutating func string() throws(WireError) -> String {
        let start = at
        let length = try wideLength(major: 3)
        if length < 16 && end &- at >= 16 && UTF8Check.isShortASCII(base + at, length) {
            return ascii(length)
        }
        if isValidated || UTF8Check.isValid(base + at, length) { return checked(length) }
        at = start
        throw failure(.invalidUTF8)
    }

    @inline(__always)
    private mutating func ascii(_ length: Int) -> String {
        let value = String(
            decoding: UnsafeBufferPointer(start: base + at, count: length), as: UTF8.self)
        at &+= length
        return value
    }

    /// Makes a string from bytes that are known to be UTF-8, so nothing is repaired here.
    private mutating func checked(_ length: Int) -> String {
        let text = UnsafeBufferPointer(start: base + at, count: length)
        at &+= length
        if length < 16 { return String(decoding: text, as: UTF8.self) }
        return String(copying: unsafe UTF8Span(unchecked: unsafe Span(_unsafeElements: text)))
    }

    /// Reads a byte string.
    public mutating func data() throws(WireError) -> Data {
        let length = try wideLength(major: 2)
        let value = Data(bytes: base + at, count: length)
        at &+= length
        return value
    }

    /// Reads a byte string.
    public mutating func bytes() throws(WireError) -> [UInt8] {
        let length = try wideLength(major: 2)
        let value = [UInt8](UnsafeBufferPointer(start: base + at, count: length))
        at &+= length
        return value
    }
}
