import FoundationEssentials
import Testing
import Wire

@Suite("What Codable types may do")
struct CodableTests {
    func roundTrip<T: Codable & Equatable>(_ value: T) throws -> Bool {
        try WireDecoder.decode(T.self, from: WireEncoder.encode(value)) == value
    }

    @Test("a value with one of everything comes back, also from its canonical form")
    func everything() throws {
        #expect(try roundTrip(Sample.one))
        let canonical = try WireEncoder.canonical(Sample.one)
        #expect(try WireDecoder.decode(Sample.self, from: canonical) == .one)
    }

    @Test("each special type has the form the profile gives it")
    func forms() throws {
        let uuid = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
        #expect(try WireEncoder.encode(uuid) == hex("d8 25 50 0102030405060708090a0b0c0d0e0f10"))
        let date = Date(timeIntervalSince1970: 1_363_896_240.5)
        #expect(try WireEncoder.encode(date) == hex("c1 fb41d452d9ec200000"))
        #expect(try WireDecoder.decode(Date.self, from: hex("c1 1a514b67b0")) == date - 0.5)
        let url = try #require(URL(string: "http://www.example.com"))
        let address = hex("d820 76 687474703a2f2f7777772e6578616d706c652e636f6d")
        #expect(try WireEncoder.encode(url) == address)
        #expect(try WireDecoder.decode(URL.self, from: address) == url)
        #expect(try WireEncoder.encode(Data([1, 2])) == hex("42 0102"))
        #expect(try WireEncoder.encode([1, 2] as [UInt8]) == hex("42 0102"))
        #expect(try WireEncoder.encode([1.5] as [Float]) == hex("d855 44 0000c03f"))
        #expect(try WireEncoder.encode([1.5] as [Double]) == hex("d856 48 000000000000f83f"))
        #expect(try WireDecoder.decode([Double].self, from: hex("82 f93e00 02")) == [1.5, 2])
        #expect(try WireEncoder.encode(nil as Int?) == hex("f6"))
        #expect(try WireEncoder.encode(["k": "v"]) == hex("a1 616b 6176"))
        #expect(try WireEncoder.encode(["01": 7]) == hex("a1 62 3031 07"))
        #expect(try WireEncoder.encode([3: 7]) == hex("a1 6133 07"))
    }

    @Test("keys are numbers only where CodingKeys are Int")
    func integerKeys() throws {
        struct Numbered: Codable, Equatable {
            var name: String
            var size: Int?
            enum CodingKeys: Int, CodingKey {
                case name = 1
                case size = 30
            }
        }
        let bytes = hex("a2 01 6161 181e 02")
        #expect(try WireEncoder.encode(Numbered(name: "a", size: 2)) == bytes)
        #expect(try WireDecoder.decode(Numbered.self, from: bytes) == Numbered(name: "a", size: 2))
        // The name of a numbered key is no other way to write it.
        let error = #expect(throws: WireError.self) {
            try WireDecoder.decode(Numbered.self, from: WireEncoder.encode(["name": "a"]))
        }
        #expect(error == WireError(.missingKey, offset: 1, path: "name"))
    }

    @Test("containers with more than 23, 255 and 65535 items have the right head")
    func wideHeads() throws {
        for count in [23, 24, 255, 256, 65_535, 65_536] {
            let flags = [Bool](repeating: true, count: count)
            let bytes = try WireEncoder.encode([flags, [false]])
            #expect(try WireDecoder.decode([[Bool]].self, from: bytes) == [flags, [false]])
        }
        let map = Dictionary(uniqueKeysWithValues: (0..<300).map { ("key \($0)", $0) })
        #expect(try roundTrip(map))
    }

    @Test("a subclass keeps its superclass under super, or shares its map")
    func classes() throws {
        let separate = try WireEncoder.encode(Separate(base: 1, own: "x"))
        #expect(try Diagnostic.notation(separate) == #"{"own": "x", "super": {"base": 1}}"#)
        let first = try WireDecoder.decode(Separate.self, from: separate)
        #expect(first.base == 1 && first.own == "x")
        let shared = try WireEncoder.encode(Shared(base: 2, own: "y"))
        #expect(try Diagnostic.notation(shared) == #"{"own": "y", "base": 2}"#)
        let second = try WireDecoder.decode(Shared.self, from: shared)
        #expect(second.base == 2 && second.own == "y")
    }

    @Test("nested containers of both kinds, read out of order and skipped in part")
    func nested() throws {
        let bytes = try WireEncoder.encode(Nested(rows: [[1, 2], [3]], x: 4, y: 5))
        let form = #"{"rows": [[1, 2], [3]], "point": {"x": 4, "y": 5}, "none": [], "end": {}}"#
        #expect(try Diagnostic.notation(bytes) == form)
        let read = try WireDecoder.decode(Nested.self, from: bytes)
        #expect(read.rows == [[1, 2], [3]] && read.x == 4 && read.y == 5)
    }

    @Test("a container that is used out of order is refused, not written wrong")
    func interleaved() {
        struct Interleaved: Encodable {
            func encode(to encoder: any Encoder) throws {
                var outer = encoder.unkeyedContainer()
                var one = outer.nestedUnkeyedContainer()
                var two = outer.nestedUnkeyedContainer()
                try two.encode(2)
                try one.encode(1)
            }
        }
        struct Twice: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(1)
                try container.encode(2)
            }
        }
        for value in [Interleaved(), Twice()] as [any Encodable] {
            let error = #expect(throws: WireError.self) { try WireEncoder.encode(value) }
            #expect(error?.code == .interleaved)
        }
    }

    @Test("the same key twice is refused when writing as well")
    func duplicateKey() {
        struct Twice: Encodable {
            enum Key: String, CodingKey { case a }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(1, forKey: .a)
                try container.encode(2, forKey: .a)
            }
        }
        #expect(throws: WireError(.duplicateKey, offset: 4)) { try WireEncoder.encode(Twice()) }
    }

    @Test("a failed value inside of an encoder leaves no trace")
    func failedValue() throws {
        struct Careful: Encodable {
            enum Key: String, CodingKey { case a, bad, c }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(1, forKey: .a)
                let bad = [["x": Date(timeIntervalSince1970: .nan)]]
                try? container.encode(bad, forKey: .bad)
                try container.encode(3, forKey: .c)
            }
        }
        #expect(try WireEncoder.encode(Careful()) == hex("a2 6161 01 6163 03"))
    }

    @Test("appending keeps what is there, and adds nothing when it fails")
    func appending() throws {
        var buffer: [UInt8] = [9]
        try WireEncoder.encode("a", appendingTo: &buffer)
        #expect(buffer == hex("09 6161"))
        #expect(throws: WireError.self) {
            try WireEncoder.encode(Date(timeIntervalSince1970: .nan), appendingTo: &buffer)
        }
        #expect(buffer.count == 3)
    }
}
