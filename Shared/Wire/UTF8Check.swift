/// Tells whether bytes are UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates.
enum UTF8Check {
    /// Looks at each byte once, thirty-two or eight at a time while they are ASCII.
    static func isValid(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while index < count {
            if count &- index >= 32, isASCII(base + index) {
                index &+= 32
                continue
            }
            if count &- index >= 8 {
                let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
                if word & 0x8080_8080_8080_8080 == 0 {
                    index &+= 8
                    continue
                }
            }
            if base[index] < 0x80 {
                index &+= 1
                continue
            }
            let length = sequence(base + index, left: count &- index)
            if length == 0 { return false }
            index &+= length
        }
        return true
    }

    /// Whether up to fifteen bytes are ASCII, which is what most strings are; there have to be sixteen.
    @inline(__always)
    static func isShortASCII(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let place = UnsafeRawPointer(base)
        let high: UInt64 = 0x8080_8080_8080_8080
        let low = place.loadUnaligned(as: UInt64.self) & (high >> max(0, 64 &- 8 &* count))
        let rest = (place + 8).loadUnaligned(as: UInt64.self) & (high >> (128 &- 8 &* count))
        return low | rest == 0
    }

    @inline(__always)
    private static func isASCII(_ block: UnsafePointer<UInt8>) -> Bool {
        let words = UnsafeRawPointer(block).loadUnaligned(as: SIMD4<UInt64>.self)
        return words & SIMD4(repeating: 0x8080_8080_8080_8080) == SIMD4(repeating: 0)
    }

    /// The length of the multi-byte sequence that starts here, or 0 where there is none.
    @inline(__always)
    private static func sequence(_ byte: UnsafePointer<UInt8>, left: Int) -> Int {
        switch byte[0] {
        case 0xC2...0xDF:
            return left >= 2 && isTail(byte[1]) ? 2 : 0
        case 0xE0...0xEF:
            guard left >= 3, isTail(byte[1]), isTail(byte[2]) else { return 0 }
            if byte[0] == 0xE0 && byte[1] < 0xA0 { return 0 }
            return byte[0] == 0xED && byte[1] > 0x9F ? 0 : 3
        case 0xF0...0xF4:
            guard left >= 4, isTail(byte[1]), isTail(byte[2]), isTail(byte[3]) else { return 0 }
            if byte[0] == 0xF0 && byte[1] < 0x90 { return 0 }
            return byte[0] == 0xF4 && byte[1] > 0x8F ? 0 : 4
        default: return 0
        }
    }

    @inline(__always)
    private static func isTail(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
