import Wire

/// Random documents from a seed.
struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    private mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    private mutating func roll(_ sides: Int) -> Int { Int(next() % UInt64(sides)) }

    private mutating func text() -> String {
        let pieces = ["a", "key", "ü", "水", "𐅑", "\0", "\"", " ", "0123456789", "\u{7f}"]
        return (0..<roll(6)).map { _ in pieces[roll(pieces.count)] }.joined()
    }

    private mutating func number() -> Double {
        switch roll(6) {
        case 0: Double(bitPattern: next())
        case 1: Double(Float(bitPattern: UInt32(truncatingIfNeeded: next())))
        case 2: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: next())))
        case 3: [0, -0.0, .infinity, -.infinity, .nan, 65504, 65505, 5.9e-8, 1e300][roll(9)]
        default: Double(roll(4096)) / 16
        }
    }

    mutating func value(depth: Int) -> WireValue {
        switch roll(depth > 0 ? 12 : 8) {
        case 0: return .null
        case 1: return .bool(roll(2) == 0)
        case 2: return .natural(next() >> UInt64(roll(64)))
        case 3: return .integer(~Int64(bitPattern: next() >> UInt64(1 + roll(63))))
        case 4, 5: return .double(number())
        case 6: return .text(text())
        case 7: return .bytes((0..<roll(40)).map { _ in UInt8(roll(256)) })
        case 8, 9: return .array((0..<roll(30)).map { _ in value(depth: depth - 2) })
        // Numbers that nobody gave a meaning, so that the other side keeps them as they are.
        case 10: return .tagged(UInt64(5_000_000 + roll(1 << 30)), value(depth: depth - 2))
        default:
            let entries = (0..<roll(30)).map { index in
                WireValue.Entry(key: text() + String(index), value: value(depth: depth - 1))
            }
            return .map(entries)
        }
    }
}
