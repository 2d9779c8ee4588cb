import Glibc

/// A growing buffer that takes CBOR items in order, for `WireCodable.encode(to:)`.
///
/// It owns its memory and only `WireEncoder` creates one, so offsets into it stay valid.
public struct WireWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var count = 0
    @usableFromInline var capacity: Int
    /// The first value that could not be written; the encoder throws it at the end.
    var failure: WireError?
    /// Whether what was written could repeat a key or nest too deep, and must be read once more.
    var mustValidate = false

    init(capacity: Int = 512) {
        base = Self.grow(nil, to: capacity)
        self.capacity = capacity
    }

    deinit { free(base) }

    private static func grow(
        _ old: UnsafeMutablePointer<UInt8>?, to capacity: Int
    ) -> UnsafeMutablePointer<UInt8> {
        guard let new = realloc(old, capacity) else { preconditionFailure("out of memory") }
        return new.assumingMemoryBound(to: UInt8.self)
    }

    @usableFromInline @inline(never)
    mutating func grow(by extra: Int) {
        let wanted = max(capacity * 2, count + extra + 64)
        base = Self.grow(base, to: wanted)
        capacity = wanted
    }

    /// Makes room for `extra` more bytes.
    @inlinable @inline(__always)
    mutating func need(_ extra: Int) {
        if count &+ extra > capacity { grow(by: extra) }
    }

    @inlinable @inline(__always)
    mutating func byte(_ value: UInt8) {
        need(1)
        base[count] = value
        count &+= 1
    }

    @inlinable @inline(__always)
    mutating func raw(_ source: UnsafeRawPointer, _ length: Int) {
        need(length)
        UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: length)
        count &+= length
    }

    /// Writes a head: `major` holds the major type in its upper three bits.
    @inlinable @inline(__always)
    mutating func head(_ major: UInt8, _ value: UInt64) {
        need(9)
        if value < 24 {
            base[count] = major | UInt8(truncatingIfNeeded: value)
            count &+= 1
        } else {
            longHead(major, value)
        }
    }

    @usableFromInline @inline(never)
    mutating func longHead(_ major: UInt8, _ value: UInt64) {
        let place = UnsafeMutableRawPointer(base + count)
        if value < 0x100 {
            base[count] = major | 24
            base[count + 1] = UInt8(truncatingIfNeeded: value)
            count &+= 2
        } else if value < 0x1_0000 {
            base[count] = major | 25
            (place + 1).storeBytes(
                of: UInt16(truncatingIfNeeded: value).bigEndian, as: UInt16.self)
            count &+= 3
        } else if value < 0x1_0000_0000 {
            base[count] = major | 26
            (place + 1).storeBytes(
                of: UInt32(truncatingIfNeeded: value).bigEndian, as: UInt32.self)
            count &+= 5
        } else {
            base[count] = major | 27
            (place + 1).storeBytes(of: value.bigEndian, as: UInt64.self)
            count &+= 9
        }
    }

    /// Empties the buffer for the next document, giving back memory that was unusually large.
    mutating func reset() {
        count = 0
        failure = nil
        mustValidate = false
        guard capacity > WireLimits.idleBytes else { return }
        capacity = 1024
        base = Self.grow(base, to: capacity)
    }

    /// What was written, as an array.
    func array() -> [UInt8] {
        [UInt8](UnsafeBufferPointer(start: base, count: count))
    }
}
