import Glibc

/// A growing buffer that takes CBOR items in order, for `WireCodable.encode(to:)`.
///
/// Only `WireEncoder` creates one, so places in it stay valid. Whoever made it calls `close()`: with
/// a `deinit`, or a reference that is counted, the compiler moves the whole writer about where it
/// could keep its few pointers in registers, which costs as much as writing a small message.
public struct WireWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    /// Where the next byte goes.
    @usableFromInline var next: UnsafeMutableRawPointer
    @usableFromInline var limit: UnsafeMutableRawPointer
    /// Whether the memory is someone else's, on whose stack it lies.
    @usableFromInline var isBorrowed: Bool
    /// Whether what was written could repeat a key or nest too deep, and must be read once more.
    @usableFromInline var mustValidate = false
    /// What few documents have, owned by the writer.
    @usableFromInline var extras: Unmanaged<Extras>?

    init(capacity: Int = 512) {
        base = Self.memory(capacity)
        next = base
        limit = base + capacity
        isBorrowed = false
    }

    /// A writer that begins in memory of its caller, which outlives it.
    @inlinable @inline(__always)
    init(borrowing memory: UnsafeMutableRawPointer, capacity: Int) {
        base = memory
        next = memory
        limit = memory + capacity
        isBorrowed = true
        // In development a hand-written coding is not trusted to have counted its pairs.
        #if DEBUG
            mustValidate = true
        #endif
    }

    /// Gives back the memory; the writer is not used any more.
    func close() {
        extras?.release()
        if !isBorrowed { free(base) }
    }

    private static func memory(_ capacity: Int) -> UnsafeMutableRawPointer {
        guard let new = malloc(capacity) else { preconditionFailure("out of memory") }
        return new
    }

    /// How many bytes the buffer holds, without the pieces beside it.
    @inlinable var count: Int {
        @inline(__always) get { next - base }
        @inline(__always) set { next = base + newValue }
    }

    @inlinable var capacity: Int { limit - base }

    @usableFromInline @inline(never)
    mutating func grow(by extra: Int) {
        let count = count
        let wanted = max(capacity * (capacity < 1 << 16 ? 4 : 2), count + extra + 64)
        let new = Self.memory(wanted)
        new.copyMemory(from: base, byteCount: count)
        if !isBorrowed { free(base) }
        base = new
        next = new + count
        limit = new + wanted
        isBorrowed = false
    }

    /// Makes room for `extra` more bytes.
    @inlinable @inline(__always)
    mutating func need(_ extra: Int) {
        if limit - next < extra { grow(by: extra) }
    }

    /// Makes room for `extra` more bytes and tells where they go. What writes several things works
    /// on this place and moves `next` once, as the compiler does not keep `next` in a register
    /// across a store to memory that it knows nothing about.
    @inlinable @inline(__always)
    mutating func room(_ extra: Int) -> UnsafeMutableRawPointer {
        if limit - next < extra { grow(by: extra) }
        return next
    }

    @inlinable @inline(__always)
    mutating func byte(_ value: UInt8) {
        room(1).storeBytes(of: value, as: UInt8.self)
        next += 1
    }

    @inlinable @inline(__always)
    mutating func raw(_ source: UnsafeRawPointer, _ length: Int) {
        room(length).copyMemory(from: source, byteCount: length)
        next += length
    }

    /// Writes a head: `major` holds the major type in its upper three bits.
    @inlinable @inline(__always)
    mutating func head(_ major: UInt8, _ value: UInt64) {
        next = Self.head(at: room(9), major, value)
    }

    /// Writes a head where there is room of nine bytes, whatever its width, and returns its end.
    @inlinable @inline(__always)
    static func head(
        at place: UnsafeMutableRawPointer, _ major: UInt8, _ value: UInt64
    ) -> UnsafeMutableRawPointer {
        if value < 24 {
            place.storeBytes(of: major | UInt8(truncatingIfNeeded: value), as: UInt8.self)
            return place + 1
        }
        // Branches and not arithmetic: where the next item begins is then predicted, not waited for.
        if value <= 0xFF {
            place.storeBytes(of: major | 24, as: UInt8.self)
            place.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: 1, as: UInt8.self)
            return place + 2
        }
        if value <= 0xFFFF {
            place.storeBytes(of: major | 25, as: UInt8.self)
            (place + 1).storeBytes(
                of: UInt16(truncatingIfNeeded: value).bigEndian, as: UInt16.self)
            return place + 3
        }
        if value <= 0xFFFF_FFFF {
            place.storeBytes(of: major | 26, as: UInt8.self)
            (place + 1).storeBytes(
                of: UInt32(truncatingIfNeeded: value).bigEndian, as: UInt32.self)
            return place + 5
        }
        place.storeBytes(of: major | 27, as: UInt8.self)
        (place + 1).storeBytes(of: value.bigEndian, as: UInt64.self)
        return place + 9
    }

    /// Empties the buffer for the next document, giving back memory that was unusually large.
    @inline(__always)
    mutating func reset() {
        next = base
        if extras != nil { dropExtras() }
        mustValidate = false
        if capacity > WireLimits.idleBytes { shrink() }
    }

    /// Frees before it allocates: glibc learns from a large `free` to reuse such memory, and from
    /// a `realloc` that shrinks it learns nothing.
    @inline(never)
    private mutating func shrink() {
        free(base)
        base = Self.memory(1024)
        next = base
        limit = base + 1024
    }

    /// The document, or why there is none, when everything was written; then closes.
    @inlinable @inline(__always)
    mutating func finish(_ trouble: inout Trouble?) -> [UInt8] {
        if extras == nil && !mustValidate && isBorrowed { return Self.array(base, next - base) }
        return finishOther(&trouble)
    }

    @usableFromInline @inline(never)
    mutating func finishOther(_ trouble: inout Trouble?) -> [UInt8] {
        defer { close() }
        do throws(WireError) {
            try check()
            return array()
        } catch {
            trouble = Trouble(error)
            return []
        }
    }

    /// The same at the end of a buffer.
    @inlinable @inline(__always)
    mutating func finish(into buffer: inout [UInt8], _ trouble: inout Trouble?) {
        if extras == nil && !mustValidate && isBorrowed {
            buffer.append(contentsOf: UnsafeRawBufferPointer(start: base, count: next - base))
        } else {
            buffer.append(contentsOf: finishOther(&trouble))
        }
    }

    /// What was written, as an array.
    func array() -> [UInt8] {
        extras == nil ? Self.array(base, count) : joined()
    }

    @inlinable @inline(__always)
    static func array(_ base: UnsafeMutableRawPointer, _ count: Int) -> [UInt8] {
        [UInt8](UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: count))
    }
}
