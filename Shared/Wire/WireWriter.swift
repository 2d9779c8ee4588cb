import Glibc

/// A growing buffer that takes CBOR items in order, for `WireCodable.encode(to:)`.
///
/// It owns its memory and only `WireEncoder` creates one, so offsets into it stay valid.
public struct WireWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var count = 0
    @usableFromInline var capacity: Int
    /// Whether the memory is someone else's, on whose stack it lies.
    @usableFromInline var isBorrowed: Bool
    /// The long byte strings, which are copied only once: into the document when it is complete.
    var pieces: Pieces?
    /// The first value that could not be written; the encoder throws it at the end.
    @usableFromInline var failure: WireError?
    /// Whether what was written could repeat a key or nest too deep, and must be read once more.
    @usableFromInline var mustValidate = false

    init(capacity: Int = 512) {
        base = Self.memory(capacity)
        self.capacity = capacity
        isBorrowed = false
    }

    /// A writer that begins in memory of its caller, which outlives it.
    @inlinable
    init(borrowing memory: UnsafeMutableBufferPointer<UInt8>, at base: UnsafeMutablePointer<UInt8>)
    {
        self.base = base
        capacity = memory.count
        isBorrowed = true
        // In development a hand-written coding is not trusted to have counted its pairs.
        #if DEBUG
            mustValidate = true
        #endif
    }

    @inlinable
    deinit {
        if !isBorrowed { Self.release(base) }
    }

    private static func memory(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
        guard let new = malloc(capacity) else { preconditionFailure("out of memory") }
        return new.assumingMemoryBound(to: UInt8.self)
    }

    @usableFromInline
    static func release(_ base: UnsafeMutablePointer<UInt8>) { free(base) }

    @usableFromInline @inline(never)
    mutating func grow(by extra: Int) {
        let wanted = max(capacity * (capacity < 1 << 16 ? 4 : 2), count + extra + 64)
        let new = Self.memory(wanted)
        new.update(from: base, count: count)
        if !isBorrowed { free(base) }
        base = new
        capacity = wanted
        isBorrowed = false
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
        setHead(major, value)
    }

    /// Writes a head for which there is room.
    @inlinable @inline(__always)
    mutating func setHead(_ major: UInt8, _ value: UInt64) {
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
    @inline(__always)
    mutating func reset() {
        count = 0
        if failure != nil { failure = nil }
        if pieces != nil { pieces = nil }
        mustValidate = false
        if capacity > WireLimits.idleBytes { shrink() }
    }

    /// Frees before it allocates: glibc learns from a large `free` to reuse such memory, and from
    /// a `realloc` that shrinks it learns nothing.
    @inline(never)
    private mutating func shrink() {
        free(base)
        capacity = 1024
        base = Self.memory(capacity)
    }

    /// What was written, as an array.
    @inlinable
    func array() -> [UInt8] {
        if hasPieces { return joined() }
        return [UInt8](UnsafeBufferPointer(start: base, count: count))
    }
}
