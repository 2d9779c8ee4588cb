import FoundationEssentials
import Wire

/// Random values from a seed, so that a failure can be repeated.
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func roll(_ sides: Int) -> Int { Int(next() % UInt64(sides)) }

    mutating func text() -> String {
        let pieces = ["a", "key", "ü", "水", "𐅑", "\0", "\"", " ", "0123456789", "\u{7f}"]
        return (0..<roll(6)).map { _ in pieces[roll(pieces.count)] }.joined()
    }

    /// An integer whose size is spread over all the forms that a head has.
    mutating func integer() -> UInt64 { next() >> UInt64(roll(64)) }

    mutating func value(depth: Int = 5) -> WireValue {
        switch roll(depth > 0 ? 12 : 8) {
        case 0: return .null
        case 1: return .bool(roll(2) == 0)
        case 2: return .natural(integer())
        case 3: return .integer(~Int64(bitPattern: integer() >> 1))
        case 4: return .double(Double(Int64(bitPattern: next())) / Double(1 + roll(1000)))
        case 5: return .double(Double(roll(4096)) / 16)
        case 6: return .text(text())
        case 7: return .bytes((0..<roll(40)).map { _ in UInt8(roll(256)) })
        case 8, 9:
            return .array((0..<roll(depth == 5 ? 30 : 6)).map { _ in value(depth: depth - 2) })
        case 10: return .tagged(integer(), value(depth: depth - 2))
        default:
            var entries: [WireValue.Entry] = []
            for index in 0..<roll(depth == 5 ? 30 : 6) {
                entries.append(.init(key: text() + String(index), value: value(depth: depth - 1)))
            }
            return .map(entries)
        }
    }

    mutating func hot(depth: Int = 2) -> Hot {
        let uuid = UUID(
            uuid: withUnsafeBytes(of: (next(), next())) { $0.loadUnaligned(as: uuid_t.self) })
        return Hot(
            id: uuid, name: text(), at: Date(timeIntervalSince1970: Double(roll(1 << 31)) / 4),
            count: Int(bitPattern: UInt(integer())), ratio: Double(roll(1000)) / 7,
            weights: (0..<roll(5)).map { _ in Float(roll(100)) / 3 },
            note: roll(2) == 0 ? nil : text(),
            children: depth == 0 ? [] : (0..<roll(4)).map { _ in hot(depth: depth - 1) })
    }
}
