import FoundationEssentials
import Testing

@testable import Wire

@Suite("Coders that are misused")
struct SafetyTests {
    @TaskLocal static var keep: Keep?

    /// Carries what escaped out of a coding call.
    final class Keep: @unchecked Sendable {
        // Only the one test that made it touches it.
        var decoder: (any Decoder)?
        var list: (any UnkeyedDecodingContainer)?
        var map: KeyedDecodingContainer<Key>?
        var encoder: (any Encoder)?
        var single: (any SingleValueEncodingContainer)?
        var target: KeyedEncodingContainer<Key>?
    }

    enum Key: String, CodingKey { case list, text }

    struct Leaky: Codable {
        init() {}

        init(from decoder: any Decoder) throws {
            let map = try decoder.container(keyedBy: Key.self)
            keep?.decoder = decoder
            keep?.map = map
            keep?.list = try map.nestedUnkeyedContainer(forKey: .list)
        }

        func encode(to encoder: any Encoder) throws {
            keep?.encoder = encoder
            keep?.single = encoder.singleValueContainer()
            keep?.target = encoder.container(keyedBy: Key.self)
            try keep?.target?.encode("x", forKey: .text)
        }
    }

    @Test("a decoder that escaped finds no bytes, and does not disturb later calls")
    func escapedDecoder() throws {
        let keep = Keep()
        var bytes: [UInt8] = try WireEncoder.encode(["list": [1, 2], "text": "t"] as WireValue)
        try Self.$keep.withValue(keep) { _ = try WireDecoder.decode(Leaky.self, from: bytes) }
        bytes = []
        for _ in 0..<3 {
            _ = try WireDecoder.decode(Sample.self, from: WireEncoder.encode(Sample.one))
        }
        let map = try #require(keep.map)
        let decoder = try #require(keep.decoder)
        #expect(throws: WireError.self) { try map.decode(String.self, forKey: .text) }
        #expect(throws: WireError.self) { try map.decodeIfPresent(Sample.self, forKey: .list) }
        #expect(throws: WireError.self) { try map.superDecoder() }
        #expect(!map.contains(.text) && map.allKeys.isEmpty)
        #expect(throws: WireError.self) { try decoder.container(keyedBy: Key.self) }
        #expect(throws: WireError.self) { try decoder.singleValueContainer().decode(Int.self) }
        #expect(throws: WireError.self) { try keep.list?.decode(Int.self) }
        #expect(throws: WireError.self) { try keep.list?.nestedUnkeyedContainer() }
    }

    @Test("an encoder that escaped writes nowhere, and does not disturb later calls")
    func escapedEncoder() throws {
        let keep = Keep()
        let bytes = try Self.$keep.withValue(keep) { try WireEncoder.encode(Leaky()) }
        #expect(bytes == hex("a1 6474657874 6178"))
        #expect(throws: WireError.self) { try keep.target?.encode("y", forKey: .list) }
        #expect(throws: WireError.self) { try keep.single?.encode(1) }
        #expect(throws: WireError.self) { try keep.single?.encode([1]) }
        var late = try #require(keep.encoder).unkeyedContainer()
        #expect(throws: WireError.self) { try late.encode(1) }
        #expect(throws: WireError.self) { try late.encode(Sample.one) }
        #expect(try WireEncoder.encode("z") == hex("617a"))
    }

    struct Miscounted: WireCodable {
        init() {}
        init(from decoder: any Decoder) throws {}
        func encode(to encoder: any Encoder) throws {}
        func encode(to writer: inout WireWriter) { writer.map(3) }
        /// Reads the head of an array and none of its items.
        init(from reader: inout WireReader) throws(WireError) { _ = try reader.array() }
    }

    @Test("a direct coding that does not match one item is refused")
    func miscounted() throws {
        #expect(throws: WireError(.unbalanced, offset: 0)) {
            try WireDecoder.decode(Miscounted.self, from: hex("82 01 02"))
        }
        #expect(throws: WireError.self) {
            try WireDecoder.decode([Miscounted].self, from: hex("82 81 01 80"))
        }
    }

    struct Endless: Decodable {
        init(from decoder: any Decoder) throws {
            _ = try decoder.singleValueContainer().decode(Endless.self)
        }
    }

    @Test("a type that contains itself without end is refused, not a crash")
    func endless() {
        #expect(throws: WireError(.tooDeep, offset: 0)) {
            try WireDecoder.decode(Endless.self, from: hex("00"))
        }
    }

    @Test("a direct value that cannot be written is refused")
    func directDate() {
        var hot = Dice(seed: 1).values()
        hot.at = Date(timeIntervalSince1970: .nan)
        let error = #expect(throws: WireError.self) { try WireEncoder.encode([hot]) }
        #expect(error?.code == .dateRange)
    }

    @Test("an open value has a JSON form and comes back from it")
    func json() throws {
        let value: WireValue = [
            "a": [1, -2, .unsigned(.max), 1.5, true, nil], "b": ["c": "text", "d": [:], "e": []],
        ]
        let data = try JSONEncoder().encode(value)
        let back = try JSONDecoder().decode(WireValue.self, from: data)
        #expect(back["a"] == value["a"])
        #expect(back["b"]?["c"] == "text" && back["b"]?["d"] == [:] && back["b"]?["e"] == [])
        let lossy: WireValue = [.bytes([0xFB, 0xEF, 0xFF, 1]), .double(.nan), .tagged(1, 5)]
        let text = String(decoding: try JSONEncoder().encode(lossy), as: UTF8.self)
        #expect(text == #"["--__AQ",null,5]"#)
    }

    @Test("an open value with a repeated key is refused when writing")
    func repeatedKey() {
        let value = WireValue.map([.init(key: "a", value: 1), .init(key: "a", value: 2)])
        #expect(throws: WireError(.duplicateKey, offset: 4)) { try WireEncoder.encode(value) }
    }
}

extension Dice {
    func values() -> Hot {
        var dice = self
        return dice.hot(depth: 0)
    }
}
