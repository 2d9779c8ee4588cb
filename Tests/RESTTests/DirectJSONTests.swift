import FoundationEssentials
import JSON
import Testing

@testable import REST

@Suite("JSON written straight into bytes")
struct DirectJSONTests {
    /// Any key, and any value under it.
    private struct Named<Value: Encodable>: Encodable {
        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(intValue: Int) { return nil }
            init(stringValue: String) { self.stringValue = stringValue }
        }
        var fields: [(String, Value)]

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for (name, value) in fields {
                try container.encode(value, forKey: Key(stringValue: name))
            }
        }
    }

    private struct Deep: Codable, Equatable {
        enum Kind: String, Codable { case big, small }
        struct Inner: Codable, Equatable { var aURL = "http://x/y", isOn = true, n = [1.5, -2] }
        var zed = 1
        var alphaBeta: String? = "a"
        var missing: Int?
        var kind = Kind.small
        var inner = Inner()
        var list = [Inner(), Inner(isOn: false)]
        var empty: [Int] = []
        var optionals: [Int?] = [1, nil, 3]
        var byName = ["bKey": 1, "aKey": 2, "B": 3, "a1": 4, "a10": 5, "a2": 6, "": 7]
        var byNumber = [3: "c", 10: "j", -1: "x"]
        var nested = ["outer": ["inner": [Inner?.none, Inner()]]]
        var small: Int8 = -128
        var large: UInt64 = .max
        var float: Float = 0.1
        var int64: Int64 = .min
    }

    private struct Nothing: Encodable { func encode(to _: any Encoder) throws {} }
    private struct Empty: Encodable {}

    private func same(_ value: some Encodable, isDirect: Bool = true) throws {
        let foundation = String(decoding: try JSONCoding.byFoundation(value), as: UTF8.self)
        let direct = DirectJSON.encode(value).map { String(decoding: $0, as: UTF8.self) }
        #expect(direct == (isDirect ? foundation : nil))
        #expect(try String(decoding: JSONCoding.encode(value), as: UTF8.self) == foundation)
    }

    @Test("values of every shape are written as Foundation writes them")
    func shapes() throws {
        try same(Deep())
        try same([Deep(), Deep(alphaBeta: nil)])
        try same(["k": Deep()])
        try same(Deep?.some(Deep()))
        try same(Empty())
        try same([Empty()])
        try same([String: Int]())
        try same([[[Int]]]())
        try same([["a": [1, 2]], [:]])
        try same(Named(fields: [("empty", Nothing())]))
        try same([Nothing()])
        try same("text")
        try same(7)
        try same(true)
        try same(Int?.none)
        try same(Deep.Kind.big)
    }

    @Test(
        "numbers are the shortest that mean the same",
        arguments: [
            0, -0.0, 1, -1, 0.1, 0.1 + 0.2, 1.5, 100, 1e15, 1e16, 1e17, 123_456_789_012_345_680,
            1e100, 1e-5, 1e-7, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
            .leastNormalMagnitude, 1 / 3,
            0.001, 12.34, 2.5e-3, 4_503_599_627_370_496.5,
        ])
    func numbers(number: Double) throws {
        try same([number, -number])
        try same(Named(fields: [("a", number)]))
        if Float(number).isFinite { try same([Float(number)]) }
    }

    @Test("what is no number is refused in Foundation's words")
    func notNumbers() {
        for number in [Double.nan, .infinity, -.infinity] {
            #expect(DirectJSON.encode([number]) == nil)
            #expect(throws: EncodingError.self) { try JSONCoding.encode([number]) }
        }
        #expect(throws: EncodingError.self) { try JSONCoding.encode(Nothing()) }
    }

    @Test("every character is escaped as Foundation escapes it")
    func characters() throws {
        var all = ""
        for number in 0...0x2FF { all.unicodeScalars.append(Unicode.Scalar(number) ?? " ") }
        try same(all)
        try same(
            Named(fields: [("text", all), ("other", "\u{2028}\u{2029}\u{FEFF}👩‍👩‍👧e\u{301}\u{7F}")]))
        try same(["/\\\"", "", "\r\n", "漢字", "\u{1}"])
        for scalar in ["\"", "\\", "\n", "\u{1F}", "é", "\u{7F}", "a"] {
            try same(["x\(scalar)y": scalar], isDirect: scalar == "a")
        }
        let bridged: Substring = "cut out of é a text".dropFirst(3)
        try same(String(bridged))
    }

    @Test("names are spelt and put in order as Foundation does")
    func names() throws {
        let parts = [
            "max", "URL", "Of", "a", "B", "Rounds", "1", "2x", "_", "__", "SHA", "id", "X9", "zZ",
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let name = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                parts.randomElement(using: &random) ?? ""
            }.joined()
            try same(Named(fields: [(name, 1)]))
        }
        for _ in 0..<300 {
            let fields = (0..<Int.random(in: 0...12, using: &random)).map { number in
                (
                    (parts.randomElement(using: &random) ?? "")
                        + (parts.randomElement(using: &random) ?? ""), number
                )
            }
            let unlike = Set(fields.map { JSONCoding.snake($0.0) })
            guard unlike.count == fields.count else { continue }
            try same(Named(fields: fields))
            try same(Dictionary(uniqueKeysWithValues: fields))
        }
        try same(Named(fields: [("größe", 1)]), isDirect: false)
        // One name twice: the later counts.
        try same(Named(fields: [("b", 1), ("a", 2), ("b", 3), ("aB", 4), ("a_b", 5)]))
    }

    @Test("texts of any tree are the same")
    func trees() throws {
        var random = SystemRandomNumberGenerator()
        func tree(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &random) {
            case 0: return .null
            case 1: return .bool(.random(using: &random))
            case 2: return .number(.random(in: -1e6...1e6, using: &random))
            case 3: return .number(Double(Int.random(in: -99...99, using: &random)))
            case 4: return .text(String(Int.random(in: 0...999, using: &random)) + "\"é/\n")
            case 5:
                return .list(
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in tree(depth - 1) })
            default:
                let names = ["a", "b", "aB", "B", "a_b", "zz", "10", "9"].shuffled(using: &random)
                return .object(
                    Dictionary(
                        uniqueKeysWithValues: names.prefix(4).map { ($0, tree(depth - 1)) }))
            }
        }
        for _ in 0..<500 { try same(tree(4)) }
    }

    @Test("what is rare is Foundation's")
    func rare() throws {
        struct Nest: Encodable {
            enum Key: String, CodingKey { case inner, other, aB }
            func encode(to encoder: any Encoder) throws {
                var outer = encoder.container(keyedBy: Key.self)
                var inner = outer.nestedContainer(keyedBy: Key.self, forKey: .inner)
                try inner.encode(1, forKey: .aB)
                var list = outer.nestedUnkeyedContainer(forKey: .other)
                try list.encode("x")
            }
        }
        struct Merged: Encodable {
            var deep = Deep.Inner()
            enum Key: String, CodingKey { case own }
            func encode(to encoder: any Encoder) throws {
                try deep.encode(to: encoder)
                var more = encoder.container(keyedBy: Key.self)
                try more.encode(deep, forKey: .own)
            }
        }
        class Base: Encodable { var a = 1 }
        final class Derived: Base {
            enum Key: String, CodingKey { case b }
            override func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(2, forKey: .b)
                try super.encode(to: container.superEncoder())
            }
        }
        try same(Nest(), isDirect: false)
        try same(Derived(), isDirect: false)
        try same(Merged())
        try same([Date(timeIntervalSince1970: 7)], isDirect: false)
        try same(["d": Data([1, 2, 255])], isDirect: false)
        try same([URL(filePath: "/a/b")], isDirect: false)
        try same([Decimal(string: "1.10")], isDirect: false)
    }
}
