import FoundationEssentials
import Testing

@testable import Wire

@Suite("What hostile bytes must not do")
struct RefusalTests {
    static let refused: [(String, WireError.Code, Int)] = [
        ("", .truncated, 0), ("18", .truncated, 0), ("1900", .truncated, 0),
        ("1a000000", .truncated, 0), ("1b00000000000000", .truncated, 0),
        ("8201", .lengthTooLarge, 0),
        ("820102 03", .trailing, 3), ("00 00", .trailing, 1), ("c1", .truncated, 1),
        ("fb0000", .truncated, 0), ("f9", .truncated, 0), ("a1 6161", .truncated, 3),
        ("1800", .notMinimal, 0), ("1817", .notMinimal, 0), ("1900ff", .notMinimal, 0),
        ("1a0000ffff", .notMinimal, 0), ("1b00000000ffffffff", .notMinimal, 0),
        ("3817", .notMinimal, 0), ("5801 00", .notMinimal, 0), ("7801 61", .notMinimal, 0),
        ("9801 00", .notMinimal, 0), ("b801 6161 00", .notMinimal, 0), ("d801 00", .notMinimal, 0),
        ("1c", .reserved, 0), ("1d", .reserved, 0), ("1e", .reserved, 0), ("3c", .reserved, 0),
        ("5c", .reserved, 0), ("9e", .reserved, 0), ("fc", .reserved, 0), ("fe", .reserved, 0),
        ("f800", .reserved, 0), ("f81f", .reserved, 0), ("ff", .indefinite, 0),
        ("1f", .indefinite, 0), ("81ff", .indefinite, 1),
        ("61", .lengthTooLarge, 0), ("5bffffffffffffffff", .lengthTooLarge, 0),
        ("7b7fffffffffffffff", .lengthTooLarge, 0), ("9a7fffffff", .lengthTooLarge, 0),
        ("9bffffffffffffffff 00", .lengthTooLarge, 0), ("bbffffffffffffffff", .lengthTooLarge, 0),
        ("bb7fffffffffffffff", .lengthTooLarge, 0), ("a2 6161 00", .lengthTooLarge, 0),
        ("61ff", .invalidUTF8, 0), ("62c328", .invalidUTF8, 0), ("62c080", .invalidUTF8, 0),
        ("63eda080", .invalidUTF8, 0), ("64f4908080", .invalidUTF8, 0), ("61c3", .invalidUTF8, 0),
        ("63e08080", .invalidUTF8, 0), ("64f0808080", .invalidUTF8, 0),
        ("64f8888080", .invalidUTF8, 0),
        ("a1 61ff 00", .invalidUTF8, 1), ("6a 41424344454647 48ff4a", .invalidUTF8, 0),
        ("a2 6161 00 6161 01", .duplicateKey, 4), ("a2 01 00 01 01", .duplicateKey, 3),
        ("81 a3 6161 00 6162 00 6161 01", .duplicateKey, 8),
        ("a1 40 00", .keyType, 1), ("a1 80 00", .keyType, 1), ("a1 a0 00", .keyType, 1),
        ("a1 f5 00", .keyType, 1), ("a1 c1 00 00", .keyType, 1),
    ]

    @Test("each breach of the profile has its code and offset", arguments: refused)
    func breach(bytes: String, code: WireError.Code, offset: Int) {
        let expected = WireError(code, offset: offset)
        #expect(throws: expected) { try WireDecoder.decode(WireValue.self, from: hex(bytes)) }
        #expect(throws: expected) { try WireDecoder.decode(Ignorant.self, from: hex(bytes)) }
        #expect(throws: expected) { try Diagnostic.notation(hex(bytes)) }
    }

    @Test("a breach inside of a field that nobody asks for is refused as well")
    func breachInUnknownField() {
        for (bytes, code, offset) in Self.refused where code != .truncated && code != .trailing {
            #expect(throws: WireError(code, offset: offset + 3)) {
                try WireDecoder.decode(Ignorant.self, from: hex("a1 6178") + hex(bytes))
            }
        }
    }

    @Test("a long key that stands twice is found among many, in any order")
    func duplicateAmongMany() throws {
        let names = (0..<200).map { "a common prefix \(($0 * 73) % 200)" }
        func document(_ names: [String]) -> [UInt8] {
            names.reduce(into: hex("b8") + [UInt8(names.count)]) { bytes, name in
                bytes += [0x60 + UInt8(min(name.utf8.count, 23))] + name.utf8.prefix(23) + [0]
            }
        }
        _ = try Diagnostic.notation(document(names))
        let twice = document(names + [names[17]])
        #expect(throws: WireError(.duplicateKey, offset: document(names).count)) {
            try Diagnostic.notation(twice)
        }
    }

    @Test("64 levels are read, 65 are refused, and so when writing")
    func depth() throws {
        func nested(_ levels: Int) -> WireValue { (1..<levels).reduce([]) { all, _ in [all] } }
        let deepest = try WireEncoder.encode(nested(WireLimits.depth))
        #expect(deepest == [UInt8](repeating: 0x81, count: 63) + [0x80])
        #expect(try WireDecoder.decode(WireValue.self, from: deepest) == nested(WireLimits.depth))
        #expect(throws: WireError(.tooDeep, offset: 64)) {
            try WireDecoder.decode(WireValue.self, from: [0x81] + deepest)
        }
        #expect(throws: WireError(.tooDeep, offset: 64)) { try WireEncoder.encode(nested(65)) }
        let tags = [UInt8](repeating: 0xC1, count: 9) + [0x00]
        #expect(throws: WireError(.tooDeep, offset: 8)) { try Diagnostic.notation(tags) }
        #expect(throws: WireError(.tooDeep, offset: 8)) {
            try WireDecoder.decode(WireValue.self, from: tags)
        }
    }

    @Test("recursive types stop at the depth limit when writing")
    func deepCodable() throws {
        struct Chain: Codable { var next: [Chain] }
        func chain(_ length: Int) -> Chain {
            (1..<length).reduce(Chain(next: [])) { inner, _ in Chain(next: [inner]) }
        }
        let fits = try WireEncoder.encode(chain(32))
        #expect(try WireEncoder.encode(WireDecoder.decode(Chain.self, from: fits)) == fits)
        let error = #expect(throws: WireError.self) { try WireEncoder.encode(chain(33)) }
        #expect(error?.code == .tooDeep)
    }

    @Test("absurd dates are refused, sane ones are not")
    func dates() throws {
        for bad in ["c1f97c00", "c1f97e00", "c1fb7e37e43c8800759c", "c11b000000e8d4a51000"] {
            #expect(throws: WireError(.dateRange, offset: 0)) {
                try WireDecoder.decode(Date.self, from: hex(bad))
            }
        }
        #expect(throws: WireError.self) {
            try WireEncoder.encode(Date(timeIntervalSince1970: .infinity))
        }
        for date in [Date.distantPast, .distantFuture, Date(timeIntervalSince1970: 1.25)] {
            #expect(try WireDecoder.decode(Date.self, from: WireEncoder.encode(date)) == date)
        }
    }

    @Test("numbers that do not fit are refused and never cut")
    func numbers() throws {
        #expect(throws: WireError(.numberRange, offset: 0)) {
            try WireDecoder.decode(UInt8.self, from: hex("190100"))
        }
        #expect(throws: WireError(.numberRange, offset: 0)) {
            try WireDecoder.decode(Int.self, from: hex("3bffffffffffffffff"))
        }
        #expect(throws: WireError(.numberRange, offset: 0)) {
            try WireDecoder.decode(UInt.self, from: hex("20"))
        }
        #expect(throws: WireError(.numberRange, offset: 0)) {
            try WireDecoder.decode(Float.self, from: hex("fb3ff199999999999a"))
        }
        #expect(throws: WireError(.numberRange, offset: 0)) {
            try WireDecoder.decode(Double.self, from: hex("1b0020000000000001"))
        }
        #expect(throws: WireError(.typeMismatch, offset: 0)) {
            try WireDecoder.decode(Int.self, from: hex("f93c00"))
        }
        #expect(try WireDecoder.decode(Int8.self, from: hex("387f")) == -128)
        #expect(try WireDecoder.decode(Double.self, from: hex("03")) == 3)
    }

    @Test("every cut of a document is refused, and no change of one byte crashes")
    func cutsAndFlips() throws {
        let whole = try WireEncoder.encode(Sample.one)
        for length in 0..<whole.count {
            #expect(throws: WireError.self) {
                try WireDecoder.decode(Sample.self, from: Array(whole[..<length]))
            }
        }
        var read = 0
        for place in whole.indices {
            for bit in 0..<8 {
                var changed = whole
                changed[place] ^= 1 << UInt8(bit)
                if (try? WireDecoder.decode(Sample.self, from: changed)) != nil { read += 1 }
            }
        }
        #expect(read > 0)
    }
}

/// A type that asks for nothing: all it reads is refused or ignored.
struct Ignorant: Codable {}
