public import FoundationEssentials

extension WireReader {
    /// Opens a map and returns how many pairs follow.
    @inlinable @inline(__always)
    public mutating func map() throws(WireError) -> Int { try length(major: 5, unit: 2) }

    /// Opens an array and returns how many items follow.
    @inlinable @inline(__always)
    public mutating func array() throws(WireError) -> Int { try length(major: 4) }

    /// Takes the next item if it is exactly this text key.
    @inlinable @inline(__always)
    public mutating func isKey(_ name: StaticString) -> Bool {
        let length = name.utf8CodeUnitCount
        guard length < 24 else { return isLongKey(name) }
        guard end &- at > length, base[at] == 0x60 | UInt8(truncatingIfNeeded: length),
            matches(name.utf8Start, length, at: at &+ 1)
        else { return false }
        at &+= length &+ 1
        return true
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

    /// Whether the next item is null; it is not taken.
    @inlinable @inline(__always)
    public func isNull() -> Bool { at < end && base[at] == 0xF6 }

    /// Reads null.
    public mutating func null() throws(WireError) {
        guard at < end else { throw failure(.truncated) }
        guard base[at] == 0xF6 else { throw failure(.typeMismatch) }
        at &+= 1
    }

    /// Reads an integer that fits 64 bits with a sign.
    @inlinable
    public mutating func int() throws(WireError) -> Int {
        let start = at
        let head = try head()
        if head.major <= 1 && head.value <= UInt64(Int.max) {
            let value = Int(truncatingIfNeeded: head.value)
            return head.major == 0 ? value : ~value
        }
        at = start
        throw failure(head.major > 1 ? .typeMismatch : .numberRange)
    }

    /// Reads an integer that is not negative.
    @inlinable
    public mutating func uint() throws(WireError) -> UInt64 {
        let start = at
        let head = try head()
        if head.major == 0 { return head.value }
        at = start
        throw failure(head.major == 1 ? .numberRange : .typeMismatch)
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
        let start = at
        let wide = try double()
        let value = Float(wide)
        if Double(value) == wide || wide.isNaN { return value }
        at = start
        throw failure(.numberRange)
    }

    /// Reads a text string.
    public mutating func string() throws(WireError) -> String {
        let length = try length(major: 3)
        // The document was validated, so nothing is repaired here.
        let value = String(
            decoding: UnsafeBufferPointer(start: base + at, count: length), as: UTF8.self)
        at &+= length
        return value
    }

    /// Reads a byte string.
    public mutating func data() throws(WireError) -> Data {
        let length = try length(major: 2)
        let value = Data(bytes: base + at, count: length)
        at &+= length
        return value
    }

    /// Reads a byte string.
    public mutating func bytes() throws(WireError) -> [UInt8] {
        let length = try length(major: 2)
        let value = [UInt8](UnsafeBufferPointer(start: base + at, count: length))
        at &+= length
        return value
    }
}
