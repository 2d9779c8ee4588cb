import FoundationEssentials
import Testing

@testable import Wire

@Suite("How a schema may change, and what errors say")
struct EvolutionTests {
    struct Old: Codable, Equatable {
        var id: Int
        var name: String
    }

    struct New: Codable, Equatable {
        struct Extra: Codable, Equatable { var deep: [[String]] }
        var extra: Extra?
        var id: Int
        var tags: [String]?
        var name: String
        var note: Sample.Role?
    }

    @Test("an old reader ignores new fields, a new reader finds nil in old documents")
    func bothWays() throws {
        let new = New(extra: .init(deep: [["a"], []]), id: 1, tags: ["t"], name: "n", note: .user)
        let old = try WireDecoder.decode(Old.self, from: WireEncoder.encode(new))
        #expect(old == Old(id: 1, name: "n"))
        let back = try WireDecoder.decode(New.self, from: WireEncoder.encode(old))
        #expect(back == New(extra: nil, id: 1, tags: nil, name: "n", note: nil))
        let null = hex("a5 65 6578747261 f6 626964 01 6474616773 f6 646e616d65 616e 646e6f7465 f6")
        #expect(try WireDecoder.decode(New.self, from: null) == back)
    }

    @Test("keys in reverse order and unknown ones in between are all found")
    func anyOrder() throws {
        let value: WireValue = [
            "z": [1, [2]], "name": "n", "y": ["k": nil], "tags": ["t"], "id": 7, "x": 1.5,
        ]
        let read = try WireDecoder.decode(New.self, from: WireEncoder.encode(value))
        #expect(read == New(extra: nil, id: 7, tags: ["t"], name: "n", note: nil))
    }

    @Test("an error names the keys on the way, the offset, and no value")
    func paths() throws {
        func refusal<T: Decodable>(_ type: T.Type, _ value: WireValue) -> WireError? {
            #expect(throws: WireError.self) {
                try WireDecoder.decode(type, from: WireEncoder.encode(value))
            }
        }
        let rows: WireValue = ["rows": [["id": 1, "name": "n"], ["id": 2]]]
        #expect(
            refusal([String: [Old]].self, rows)
                == WireError(.missingKey, offset: 20, path: "rows[1].name"))
        let role: WireValue = ["id": 1, "name": "n", "note": "secret"]
        #expect(refusal(New.self, role) == WireError(.invalidValue, offset: 17, path: "note"))
        #expect(refusal(New.self, role)?.description == "invalid value at byte 17 in note")
        #expect(
            refusal(Old.self, ["id": "1", "name": "n"])
                == WireError(.typeMismatch, offset: 4, path: "id"))
        #expect(refusal(Old.self, [])?.code == .typeMismatch)
        // A container that was lent out does not know the key it was lent for, here `circle`.
        #expect(
            refusal([Sample.Shape].self, [["circle": [:]]])
                == WireError(.missingKey, offset: 10, path: "[0].radius"))
        #expect(refusal([Sample.Shape].self, [["other": [:]]])?.path == "[0]")
    }

    struct Tolerant: Decodable {
        var number: Int?
        var role: Sample.Role?
        var items: [Int] = []
        var after: String
        enum Key: String, CodingKey { case number, role, items, after }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            number = try? container.decode(Int.self, forKey: .number)
            role = try? container.decode(Sample.Role.self, forKey: .role)
            _ = try? container.decode(New.self, forKey: .items)
            var list = try container.nestedUnkeyedContainer(forKey: .items)
            while !list.isAtEnd {
                if let one = try? list.decode(Old.self) {
                    items.append(one.id)
                } else if let number = try? list.decode(Int.self) {
                    items.append(number)
                } else {
                    _ = try list.decode(WireValue.self)
                }
            }
            after = try container.decode(String.self, forKey: .after)
        }
    }

    @Test("an attempt that fails inside of try? leaves the cursor in front of the value")
    func attempts() throws {
        let value: WireValue = [
            "number": ["not": "one"], "role": "robot",
            "items": [1, ["id": 2, "name": "n"], ["id": [3, 4]], "x", 5], "after": "here",
        ]
        let read = try WireDecoder.decode(Tolerant.self, from: WireEncoder.encode(value))
        #expect(read.number == nil && read.role == nil)
        #expect(read.items == [1, 2, 5])
        #expect(read.after == "here")
    }

    /// Asks for its one known key last and for one that is not there first.
    struct Level: Decodable {
        var next: [Level]?
        enum Key: String, CodingKey { case absent, next, tail }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            _ = try container.decodeIfPresent(Int.self, forKey: .absent)
            _ = try container.decode(Int.self, forKey: .tail)
            next = try container.decodeIfPresent([Level].self, forKey: .next)
        }
    }

    private func work<T: Decodable>(_ type: T.Type, _ value: WireValue) throws -> Int {
        let bytes = try WireEncoder.encode(value)
        let core = DecoderCore.take()
        defer { core.give() }
        return try bytes.withUnsafeBufferPointer { buffer in
            _ = try core.document(type, try #require(buffer.baseAddress), buffer.count)
            return core.state.pointee.work
        }
    }

    @Test("skipping what nobody asks for costs the same however deep it is nested")
    func skippingIsLinear() throws {
        func levels(_ depth: Int, filler: Int) -> WireValue {
            let numbers = WireValue.array((0..<filler).map { .integer(Int64($0)) })
            return (1..<depth).reduce(["next": [], "x": numbers, "tail": 1]) { inner, _ in
                ["next": [inner], "x": numbers, "tail": 1]
            }
        }
        // Each level asks for keys that make the decoder pass over all the levels inside of it.
        let shallow = try work(Level.self, levels(4, filler: 400))
        let deep = try work(Level.self, levels(28, filler: 400))
        #expect(deep <= shallow * 7 + 50)
        #expect(try work(Level.self, levels(28, filler: 4000)) <= deep + 50)

        let nested = (1..<60).reduce([1] as WireValue) { inner, _ in [inner, 0] }
        let unknown: WireValue = ["unknown": nested, "id": 1, "name": "n"]
        #expect(try work(Old.self, unknown) < 100)
    }

    @Test("skipping by a direct reader looks at each head once")
    func directSkip() throws {
        let bytes = [UInt8](repeating: 0x82, count: 60) + [UInt8](repeating: 0, count: 61)
        let heads = try bytes.withUnsafeBufferPointer { buffer in
            var reader = WireReader(try #require(buffer.baseAddress), at: 0, end: buffer.count)
            return try reader.skip(items: 1)
        }
        #expect(heads == 121)
    }
}
