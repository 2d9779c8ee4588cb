import FoundationEssentials
import Testing

@testable import Wire

/// Keys and strings are written and compared in words; these are the lengths around each of them.
@Suite("Lengths at which the way of reading or writing changes")
struct LengthTests {
    enum Key: String, CodingKey, CaseIterable, Codable {
        case a, bc, def, ghij, klmno, pqrstu, vwxyzab, cdefghij, klmnopqrs, tuvwxyzabcdefg
        case hijklmnopqrstuv, wxyzabcdefghijkl, mnopqrstuvwxyzabc
        case defghijklmnopqrstuvwxyz, abcdefghijklmnopqrstuvwx, yzabcdefghijklmnopqrstuvwxyzab
    }

    /// Every key, each missing at random.
    struct Wide: Codable, Equatable {
        var values: [Key: Int]

        init(values: [Key: Int]) { self.values = values }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            values = [:]
            for key in Key.allCases {
                values[key] = try container.decodeIfPresent(Int.self, forKey: key)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for key in Key.allCases { try container.encodeIfPresent(values[key], forKey: key) }
        }
    }

    /// The same by hand.
    struct Direct: WireCodable, Equatable {
        var values: [Key: Int]

        init(_ wide: Wide) { values = wide.values }

        func encode(to writer: inout WireWriter) {
            writer.map(values.count)
            if let value = values[.a] { writer.pair("a", value) }
            if let value = values[.bc] { writer.pair("bc", value) }
            if let value = values[.def] { writer.pair("def", value) }
            if let value = values[.ghij] { writer.pair("ghij", value) }
            if let value = values[.klmno] { writer.pair("klmno", value) }
            if let value = values[.pqrstu] { writer.pair("pqrstu", value) }
            if let value = values[.vwxyzab] { writer.pair("vwxyzab", value) }
            if let value = values[.cdefghij] { writer.pair("cdefghij", value) }
            if let value = values[.klmnopqrs] { writer.pair("klmnopqrs", value) }
            if let value = values[.tuvwxyzabcdefg] { writer.pair("tuvwxyzabcdefg", value) }
            if let value = values[.hijklmnopqrstuv] { writer.pair("hijklmnopqrstuv", value) }
            if let value = values[.wxyzabcdefghijkl] { writer.pair("wxyzabcdefghijkl", value) }
            if let value = values[.mnopqrstuvwxyzabc] { writer.pair("mnopqrstuvwxyzabc", value) }
            if let value = values[.defghijklmnopqrstuvwxyz] {
                writer.pair("defghijklmnopqrstuvwxyz", value)
            }
            if let value = values[.abcdefghijklmnopqrstuvwx] {
                writer.pair("abcdefghijklmnopqrstuvwx", value)
            }
            if let value = values[.yzabcdefghijklmnopqrstuvwxyzab] {
                writer.pair("yzabcdefghijklmnopqrstuvwxyzab", value)
            }
        }

        init(from reader: inout WireReader) throws(WireError) {
            values = [:]
            var pairs = try reader.pairs()
            repeat {
                if let key = Self.key(&reader, &pairs) { values[key] = try reader.int() }
            } while try reader.hasMore(&pairs)
        }

        private static func key(
            _ reader: inout WireReader, _ pairs: inout WireReader.Pairs
        ) -> Key? {
            if reader.isKey("a", &pairs) { return .a }
            if reader.isKey("bc", &pairs) { return .bc }
            if reader.isKey("def", &pairs) { return .def }
            if reader.isKey("ghij", &pairs) { return .ghij }
            if reader.isKey("klmno", &pairs) { return .klmno }
            if reader.isKey("pqrstu", &pairs) { return .pqrstu }
            if reader.isKey("vwxyzab", &pairs) { return .vwxyzab }
            if reader.isKey("cdefghij", &pairs) { return .cdefghij }
            if reader.isKey("klmnopqrs", &pairs) { return .klmnopqrs }
            if reader.isKey("tuvwxyzabcdefg", &pairs) { return .tuvwxyzabcdefg }
            if reader.isKey("hijklmnopqrstuv", &pairs) { return .hijklmnopqrstuv }
            if reader.isKey("wxyzabcdefghijkl", &pairs) { return .wxyzabcdefghijkl }
            if reader.isKey("mnopqrstuvwxyzabc", &pairs) { return .mnopqrstuvwxyzabc }
            if reader.isKey("defghijklmnopqrstuvwxyz", &pairs) { return .defghijklmnopqrstuvwxyz }
            if reader.isKey("abcdefghijklmnopqrstuvwx", &pairs) {
                return .abcdefghijklmnopqrstuvwx
            }
            if reader.isKey("yzabcdefghijklmnopqrstuvwxyzab", &pairs) {
                return .yzabcdefghijklmnopqrstuvwxyzab
            }
            return nil
        }
    }

    @Test("keys of every length are found in any order, by both codings")
    func keys() throws {
        var dice = Dice(seed: 17)
        for round in 0..<200 {
            var wide = Wide(values: [:])
            for key in Key.allCases where dice.roll(3) > 0 || round < 16 {
                wide.values[key] = dice.roll(1 << 20)
            }
            let bytes = try WireEncoder.encode(wide)
            #expect(try WireEncoder.encode(Direct(wide)) == bytes)
            #expect(try WireDecoder.decode(Wide.self, from: bytes) == wide)
            #expect(try WireDecoder.decode(Direct.self, from: bytes) == Direct(wide))
            let sorted = try WireEncoder.canonical(wide)
            #expect(try WireDecoder.decode(Wide.self, from: sorted) == wide)
            #expect(try WireDecoder.decode(Direct.self, from: sorted) == Direct(wide))
        }
    }

    @Test("a key that is one letter off is not taken for the one that is asked for")
    func similar() throws {
        for key in Key.allCases {
            for place in key.rawValue.utf8.indices {
                var letters = [UInt8](key.rawValue.utf8)
                let offset = key.rawValue.utf8.distance(
                    from: key.rawValue.startIndex, to: place)
                letters[offset] = UInt8(ascii: "_")
                let name = String(decoding: letters, as: UTF8.self)
                let bytes = try WireEncoder.encode([name: 1])
                #expect(try WireDecoder.decode(Wide.self, from: bytes).values.isEmpty)
                #expect(try WireDecoder.decode(Direct.self, from: bytes).values.isEmpty)
            }
        }
    }

    struct Line: WireCodable, Equatable {
        var text: String

        init(_ text: String) { self.text = text }
        func encode(to writer: inout WireWriter) { writer.string(text) }
        init(from reader: inout WireReader) throws(WireError) { text = try reader.string() }
    }

    @Test("strings of every length come back, ASCII or not, with and without bytes behind them")
    func strings() throws {
        for length in 0..<70 {
            let plain = String(repeating: "x", count: length)
            var texts = [plain]
            for place in stride(from: 0, to: length, by: 3) {
                texts.append(
                    String(repeating: "x", count: place) + "ü" + plain.dropFirst(place + 1))
            }
            for text in texts {
                let one = try WireEncoder.encode(Line(text))
                #expect(try WireEncoder.encode(text) == one)
                #expect(try WireDecoder.decode(Line.self, from: one).text == text)
                let row = [Line(text), Line(plain), Line("end of the document")]
                let bytes = try WireEncoder.encode(row)
                #expect(try WireDecoder.decode([Line].self, from: bytes) == row)
                #expect(try WireDecoder.decode([String].self, from: bytes) == row.map(\.text))
            }
        }
    }

    @Test("broken text is refused at every place of every length")
    func brokenText() throws {
        for length in 1..<40 {
            for place in 0..<length {
                var bytes = try WireEncoder.encode(String(repeating: "x", count: length))
                bytes[bytes.count - length + place] = 0xFF
                #expect(throws: WireError(.invalidUTF8, offset: 0)) {
                    try WireDecoder.decode(Line.self, from: bytes)
                }
                let inside = [0x82] + bytes + [0x60]
                #expect(throws: WireError(.invalidUTF8, offset: 1)) {
                    try WireDecoder.decode([Line].self, from: inside)
                }
            }
        }
    }

    struct Bulk: WireCodable, Equatable {
        var bytes: [UInt8]
        var number: Double
        var id: UUID

        func encode(to writer: inout WireWriter) {
            writer.map(3)
            writer.pair("bytes", bytes)
            writer.pair("number", number)
            writer.pair("id", id)
        }

        init(bytes: [UInt8], number: Double, id: UUID) {
            (self.bytes, self.number, self.id) = (bytes, number, id)
        }

        init(from reader: inout WireReader) throws(WireError) {
            (bytes, number, id) = ([], 0, UUID())
            var pairs = try reader.pairs()
            repeat {
                if reader.isKey("bytes", &pairs) { bytes = try reader.bytes() }
                if reader.isKey("number", &pairs) { number = try reader.double() }
                if reader.isKey("id", &pairs) { id = try reader.uuid() }
            } while try reader.hasMore(&pairs)
        }
    }

    @Test("a document that outgrows its first memory anywhere comes out whole")
    func growth() throws {
        let sizes = Array(930..<1060) + [4000, 16383, 16384, 16385, 70000]
        for size in sizes {
            let bulk = Bulk(bytes: [UInt8](repeating: 7, count: size), number: 1.5, id: UUID())
            let bytes = try WireEncoder.encode(bulk)
            #expect(try WireDecoder.decode(Bulk.self, from: bytes) == bulk)
            var framed: [UInt8] = [1, 2]
            try WireEncoder.encode(bulk, appendingTo: &framed)
            #expect(framed == [1, 2] + bytes)
            let list = try WireEncoder.encode([bulk, bulk])
            #expect(list == [0x82] + bytes + bytes)
        }
    }

    @Test("integers around each width of a head are the same by both codings")
    func integers() throws {
        struct Number: WireCodable {
            var value: Int
            init(_ value: Int) { self.value = value }
            func encode(to writer: inout WireWriter) { writer.int(value) }
            init(from reader: inout WireReader) throws(WireError) { value = try reader.int() }
        }
        let edges = [0, 23, 24, 0xFF, 0x100, 0xFFFF, 0x1_0000, 0xFFFF_FFFF, 0x1_0000_0000, .max]
        for edge in edges {
            for value in [edge, -edge, ~edge, edge &- 1, edge &+ 1] {
                let bytes = try WireEncoder.encode(Number(value))
                #expect(try WireEncoder.encode(value) == bytes)
                #expect(try WireDecoder.decode(Number.self, from: bytes).value == value)
                // With bytes behind it, the width is read another way.
                let list = try WireEncoder.encode([value, 1 << 40])
                #expect(
                    try WireDecoder.decode([Number].self, from: list).map(\.value).first == value)
            }
        }
    }
}
