import FoundationEssentials
import Testing

@testable import Wire

@Suite("Types that read themselves in one pass")
struct SinglePassTests {
    /// Keys of every kind, two of which share a bit of `WireReader.Pairs`.
    struct Row: WireCodable, Equatable {
        var id: Int?
        var rows: [Row] = []
        var long: String?
        var number: Int?
        var far: Int?
        /// Reads its keys the slow way.
        var plain: Plain?

        struct Plain: WireCodable, Equatable {
            var id: Int?

            func encode(to writer: inout WireWriter) {
                writer.map(id == nil ? 0 : 1)
                if let id {
                    writer.key("id")
                    writer.int(id)
                }
            }

            init(from reader: inout WireReader) throws(WireError) {
                for _ in 0..<(try reader.map()) {
                    if try reader.string() == "id" {
                        id = try reader.int()
                    } else {
                        try reader.skip()
                    }
                }
            }
        }

        func encode(to writer: inout WireWriter) { writer.map(0) }

        init(from reader: inout WireReader) throws(WireError) {
            var pairs = try reader.pairs()
            repeat {
                if reader.isKey("id", &pairs) { id = try reader.int() }
                if reader.isKey("rows", &pairs) {
                    rows = try reader.list { item throws(WireError) in try Row(from: &item) }
                }
                if reader.isKey("a key of more than 23 bytes", &pairs) {
                    long = try reader.string()
                }
                if reader.isKey(3, &pairs) { number = try reader.int() }
                if reader.isKey(-400, &pairs) { far = try reader.int() }
                if reader.isKey("plain", &pairs) { plain = try Plain(from: &reader) }
            } while try reader.hasMore(&pairs)
        }
    }

    /// The same reading, behind the doors that `Validator` guards.
    private func guarded(_ bytes: [UInt8]) throws(WireError) -> Row {
        try WireDecoder.decode([Row].self, from: [0x81] + bytes)[0]
    }

    @Test("every kind of key is read, and what nobody knows is skipped")
    func keys() throws {
        let row = try WireDecoder.decode(
            Row.self,
            from: hex("a7 626964 01 64726f7773 81 a1 626964 02 781b")
                + Array("a key of more than 23 bytes".utf8)
                + hex("6178 03 07 39018f 20 65706c61696e a1 626964 05 617a 82 01 02"))
        #expect(row.id == 1 && row.rows.first?.id == 2 && row.long == "x")
        #expect(row.number == 7 && row.far == -1 && row.plain?.id == 5)
    }

    @Test(
        "a key that stands twice is refused at any depth, known or not",
        arguments: [
            ("a2 626964 01 626964 02", 5), ("a2 03 01 03 01", 3), ("a2 39018f 01 39018f 02", 5),
            ("a1 64726f7773 81 a2 626964 01 626964 02", 12), ("a2 617a 01 617a 02", 4),
            ("a3 626964 01 64726f7773 80 626964 02", 11),
            ("a3 626964 01 64726f7773 81 a1 626964 01 626964 02", 16),
        ])
    func twice(bytes: String, offset: Int) {
        let expected = WireError(.duplicateKey, offset: offset)
        #expect(throws: expected) { try WireDecoder.decode(Row.self, from: hex(bytes)) }
    }

    @Test("a document is refused for its first breach, whatever the type met before")
    func firstBreach() {
        for (bytes, code, offset) in RefusalTests.refused where code != .truncated {
            #expect(throws: WireError(code, offset: offset)) {
                try WireDecoder.decode(Row.self, from: hex(bytes))
            }
        }
        // The type minds the text for a number first, the document the broken text behind it.
        #expect(throws: WireError(.invalidUTF8, offset: 8)) {
            try WireDecoder.decode(Row.self, from: hex("a2 626964 6178 6179 61ff"))
        }
        #expect(throws: WireError(.trailing, offset: 1)) {
            try WireDecoder.decode(Row.self, from: hex("a0 00"))
        }
    }

    @Test("nesting stops at the limit of the profile")
    func depth() throws {
        func nested(_ levels: Int) -> [UInt8] {
            (1..<levels).reduce(hex("a0")) { inner, _ in hex("a1 64726f7773 81") + inner }
        }
        _ = try WireDecoder.decode(Row.self, from: nested(32))
        let error = #expect(throws: WireError.self) {
            try WireDecoder.decode(Row.self, from: nested(33))
        }
        #expect(error?.code == .tooDeep)
        #expect(throws: WireError.self) { try WireDecoder.decode(Row.self, from: nested(20000)) }
    }

    @Test("one pass and two passes agree about bytes that were changed at random")
    func agreement() {
        let whole =
            hex("a4 626964 01 64726f7773 82 a1 626964 02 a2 03 07 39018f 20 65706c61696e a0")
            + hex("617a a1 6179 62c3bc")
        var dice = Dice(seed: 31)
        var read = 0
        for _ in 0..<4000 {
            var bytes = whole
            for _ in 0..<(1 + dice.roll(3)) {
                let place = dice.roll(bytes.count)
                bytes[place] = dice.roll(2) == 0 ? UInt8(dice.roll(256)) : bytes[place] ^ 1
            }
            let one = Result { try WireDecoder.decode(Row.self, from: bytes) }
            let two = Result { try guarded(bytes) }
            switch (one, two) {
            case (.success(let one), .success(let two)):
                read += 1
                #expect(one == two)
            case (.failure(let one as WireError), .failure(let two as WireError)):
                #expect(one.code == two.code || two.code == .lengthTooLarge)
            default: Issue.record("one pass and two disagree about \(bytes)")
            }
        }
        #expect(read > 100)
    }

    @Test("long byte strings stand where they belong, also behind heads that grow")
    func pieces() throws {
        let long = Data(repeating: 7, count: 40000)
        let value = [Data([1]), long] + [Data](repeating: Data([2]), count: 30) + [long]
        let bytes = try WireEncoder.encode(value)
        // Two bytes of head, 31 short strings of two bytes, two long ones with heads of three.
        #expect(bytes.count == 2 + 31 * 2 + 2 * 40003)
        #expect(try WireDecoder.decode([Data].self, from: bytes) == value)
        var framed: [UInt8] = [9]
        try WireEncoder.encode(value, appendingTo: &framed)
        #expect(framed == [9] + bytes)
        #expect(try WireEncoder.canonical(value) == bytes)
        let open = WireValue.array([.bytes([UInt8](long)), "end"])
        #expect(try WireDecoder.decode(WireValue.self, from: WireEncoder.encode(open)) == open)
    }

    @Test("a long byte string that a type took back is not written")
    func rewound() throws {
        struct Failing: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try list.encode(Data(repeating: 1, count: 20000))
                try list.encode(Date(timeIntervalSince1970: .nan))
            }
        }
        struct Careful: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try? list.encode(Failing())
                try list.encode(Data(repeating: 2, count: 20000))
            }
        }
        let bytes = try WireEncoder.encode(Careful())
        #expect(
            try WireDecoder.decode([Data].self, from: bytes) == [Data(repeating: 2, count: 20000)])
    }
}
