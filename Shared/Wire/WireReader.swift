/// A cursor over one document, for `WireCodable.init(from:)`.
///
/// Only `WireDecoder` creates one, and it cannot be copied, so it never outlives the bytes it
/// points into. Every read checks the bounds and, when it throws, leaves the cursor where it was.
///
/// A type that hands itself the document is read in one pass: what `pairs`, `isKey`, `list` and
/// the values read is checked as it is read. Whatever else happens (a key that nobody knows, a
/// key that may have come before, a plain `map()`, an error) sends the whole document through
/// `Validator`, once, and that verdict counts.
public struct WireReader: ~Copyable {
    @usableFromInline let base: UnsafePointer<UInt8>
    @usableFromInline var at: Int
    @usableFromInline let end: Int
    /// How many `pairs` and `list` are open.
    @usableFromInline var depth = 0
    /// Whether something was read that only `Validator` can judge.
    @usableFromInline var isInDoubt: Bool
    /// Whether `Validator` has passed the document.
    @usableFromInline var isValidated: Bool

    /// A cursor over a document that `Validator` has passed.
    @inline(__always)
    init(_ base: UnsafePointer<UInt8>, at: Int, end: Int) {
        self.base = base
        self.at = at
        self.end = end
        isInDoubt = false
        isValidated = true
    }

    /// A cursor over a document that is checked while it is read.
    @inlinable @inline(__always)
    init(unchecked base: UnsafePointer<UInt8>, count: Int) {
        self.base = base
        at = 0
        end = count
        isInDoubt = false
        isValidated = false
    }

    /// The offset of the next item from the start of the document.
    @inlinable public var offset: Int { at }

    /// An error at the next item, for a value that the type refuses or a key that is missing.
    @inline(never)
    public func failure(_ code: WireError.Code, key: String = "") -> WireError {
        WireError(code, offset: at, path: key)
    }

    /// The first byte of an item with the number that belongs to it.
    @usableFromInline
    struct Head {
        @usableFromInline let initial: UInt8
        @usableFromInline let value: UInt64

        @inlinable @inline(__always)
        init(_ initial: UInt8, _ value: UInt64) {
            self.initial = initial
            self.value = value
        }

        @inlinable var major: UInt8 { initial >> 5 }
    }

    /// Reads a head, refusing what is reserved, indefinite or not in shortest form.
    @inlinable @inline(__always)
    mutating func head() throws(WireError) -> Head {
        guard at < end else { throw failure(.truncated) }
        let initial = base[at]
        let info = initial & 31
        if info < 24 {
            at &+= 1
            return Head(initial, UInt64(info))
        }
        return try longHead(initial)
    }

    /// The same for a head that is not a float, with the usual widths in place.
    @inline(__always)
    mutating func wideHead() throws(WireError) -> Head {
        guard end &- at > 8 else { return try head() }
        let initial = base[at]
        let place = UnsafeRawPointer(base + at + 1)
        let value: UInt64
        switch initial & 31 {
        case 0...23:
            at &+= 1
            return Head(initial, UInt64(initial & 31))
        case 24:
            value = UInt64(base[at + 1])
            guard value >= 24 else { throw failure(.notMinimal) }
            at &+= 2
        case 25:
            value = UInt64(UInt16(bigEndian: place.loadUnaligned(as: UInt16.self)))
            guard value >= 0x100 else { throw failure(.notMinimal) }
            at &+= 3
        case 27:
            value = UInt64(bigEndian: place.loadUnaligned(as: UInt64.self))
            guard value >= 0x1_0000_0000 else { throw failure(.notMinimal) }
            at &+= 9
        default: return try longHead(initial)
        }
        return Head(initial, value)
    }

    @usableFromInline @inline(never)
    mutating func longHead(_ initial: UInt8) throws(WireError) -> Head {
        let place = UnsafeRawPointer(base + at + 1)
        let left = end &- at
        let value: UInt64
        let width: Int
        let shortest: UInt64
        switch initial & 31 {
        case 24 where left > 1: (value, width, shortest) = (UInt64(base[at + 1]), 1, 24)
        case 25 where left > 2:
            value = UInt64(UInt16(bigEndian: place.loadUnaligned(as: UInt16.self)))
            (width, shortest) = (2, 0x100)
        case 26 where left > 4:
            value = UInt64(UInt32(bigEndian: place.loadUnaligned(as: UInt32.self)))
            (width, shortest) = (4, 0x1_0000)
        case 27 where left > 8:
            value = UInt64(bigEndian: place.loadUnaligned(as: UInt64.self))
            (width, shortest) = (8, 0x1_0000_0000)
        case 24...27: throw failure(.truncated)
        case 31: throw failure(.indefinite)
        default: throw failure(.reserved)
        }
        if initial >= 0xE0 {
            // Two-byte simple values below 32 do not exist; floats have all their widths.
            if width == 1 && value < 32 { throw failure(.reserved) }
        } else if value < shortest {
            throw failure(.notMinimal)
        }
        at &+= width &+ 1
        return Head(initial, value)
    }

    /// Reads the head of an array, map or string whose parts take at least `unit` bytes each.
    @inlinable @inline(__always)
    mutating func length(major: UInt8, unit: Int = 1) throws(WireError) -> Int {
        let start = at
        return try length(major, unit, start, try head())
    }

    @inlinable @inline(__always)
    mutating func length(
        _ major: UInt8, _ unit: Int, _ start: Int, _ head: Head
    ) throws(WireError) -> Int {
        if head.major != major {
            at = start
            throw failure(.typeMismatch)
        }
        if head.value > UInt64((end &- at) / unit) {
            at = start
            throw failure(.lengthTooLarge)
        }
        return Int(truncatingIfNeeded: head.value)
    }

    /// The same for a string, which is seldom shorter than 24 bytes.
    @inline(__always)
    mutating func wideLength(major: UInt8) throws(WireError) -> Int {
        let start = at
        // A float has no length, but a head of its own: it is minded as such.
        guard at < end, base[at] < 0xE0 else { return try length(major, 1, start, try head()) }
        return try length(major, 1, start, try wideHead())
    }
}
