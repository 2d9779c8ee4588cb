import Glibc

extension WireReader {
    /// Takes the next item if it is exactly this text key; then its value is read.
    @inlinable @inline(__always)
    public mutating func isKey(_ name: StaticString, _ pairs: inout Pairs) -> Bool {
        let length = name.utf8CodeUnitCount
        let start = at
        guard pairs.limit &- start > length else { return false }
        if length >= 24 {
            guard takeLong(name) else { return false }
        } else {
            guard Self.matches(base + at, name, length) else { return false }
            at &+= length &+ 1
        }
        if pairs.take(Pairs.place(name.utf8Start, length)) && !isInDoubt {
            lookBack(at &- start, from: pairs.start)
        }
        return true
    }

    /// Takes the next item if it is exactly this integer key; then its value is read.
    @inlinable @inline(__always)
    public mutating func isKey(_ number: Int, _ pairs: inout Pairs) -> Bool {
        guard pairs.limit &- at > 0 else { return false }
        let start = at
        if (0..<24).contains(number) {
            guard base[at] == UInt8(truncatingIfNeeded: number) else { return false }
            at &+= 1
        } else {
            guard takeLong(number) else { return false }
        }
        if pairs.take(number & 127) && !isInDoubt { lookBack(at &- start, from: pairs.start) }
        return true
    }

    /// Whether a text key of less than 24 bytes stands here. As it is a literal, the compiler turns
    /// this into one or two comparisons of up to eight bytes, which overlap where they must.
    @inlinable @inline(__always)
    static func matches(
        _ place: UnsafePointer<UInt8>, _ name: StaticString, _ length: Int
    ) -> Bool {
        let text = name.utf8Start
        let start = UnsafeRawPointer(place)
        let total = length &+ 1
        let first = WireWriter.word(text, min(length, 7)) &<< 8 | UInt64(0x60 | length)
        if total >= 8 {
            guard start.loadUnaligned(as: UInt64.self) == first.littleEndian else { return false }
            if total > 16 {
                let middle = (start + 8).loadUnaligned(as: UInt64.self)
                guard middle == WireWriter.word(text + 7, 8).littleEndian else { return false }
            }
            if total == 8 { return true }
            let last = WireWriter.word(text + length - min(length, 8), 8)
            return (start + total - 8).loadUnaligned(as: UInt64.self) == last.littleEndian
        }
        if total >= 4 {
            let low = UInt32(truncatingIfNeeded: first)
            let high = UInt32(truncatingIfNeeded: first &>> UInt64(8 &* (total &- 4)))
            return start.loadUnaligned(as: UInt32.self) == low.littleEndian
                && (start + total - 4).loadUnaligned(as: UInt32.self) == high.littleEndian
        }
        if total == 1 { return place[0] == 0x60 }
        let low = UInt16(truncatingIfNeeded: first)
        return start.loadUnaligned(as: UInt16.self) == low.littleEndian
            && (total == 2 || place[2] == text[1])
    }

    @usableFromInline @inline(never)
    mutating func takeLong(_ name: StaticString) -> Bool {
        let start = at
        guard let length = try? length(major: 3), length == name.utf8CodeUnitCount,
            same(base + at, UnsafePointer(name.utf8Start), length)
        else {
            at = start
            return false
        }
        at &+= length
        return true
    }

    @usableFromInline @inline(never)
    mutating func takeLong(_ number: Int) -> Bool {
        let start = at
        guard let found = try? int(), found == number else {
            at = start
            return false
        }
        return true
    }

    /// Compares the key before the cursor with the earlier ones of its map, as one has the same
    /// bit. A long way back is left to `Validator`, so that the work stays linear.
    @usableFromInline @inline(never)
    mutating func lookBack(_ length: Int, from start: Int) {
        let key = at - length
        guard key - start <= Pairs.furthest else {
            isInDoubt = true
            return
        }
        var earlier = WireReader(base, at: start, end: end)
        while earlier.at < key {
            if same(base + earlier.at, base + key, length) || (try? earlier.skipPair()) == nil {
                isInDoubt = true
                return
            }
        }
    }

    private func same(
        _ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ length: Int
    ) -> Bool {
        memcmp(one, two, length) == 0
    }
}
