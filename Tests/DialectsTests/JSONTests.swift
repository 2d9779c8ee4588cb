import Testing

@testable import Dialects

@Suite struct JSONTests {
    private func failure(
        _ text: String, _ limits: JSONLimits = JSONLimits()
    ) -> JSONError.Kind? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: text, limits: limits)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test(
        "what was read is written with the same digits and in the same order",
        arguments: [
            "null", "true", "false", "0", "-0", "-0.0", "1e5", "1E+05", "12345678901234567890123",
            "0.1000", #""""#, #""a\"b\\c\/d""#, "[]", "{}", "[[],{}]",
            #"{"b":1,"a":[2,{"c":null}]}"#,
            "\"Grüße, 漢字 👩‍🚀\"", #""\u0041\u00e9\ud83d\ude00\n\u0001""#,
        ])
    func roundTrip(text: String) throws {
        let value = try JSONValue(parsing: text)
        let again = try JSONValue(parsing: value.bytes)
        #expect(again == value && again.text == value.text)
        if !text.contains("\\") { #expect(value.text == text) }
    }

    @Test("escapes are the characters that they stand for, half a pair is a replacement")
    func escapes() throws {
        #expect(try JSONValue(parsing: #""\u0041\u00e9\ud83d\ude00""#) == "Aé😀")
        #expect(try JSONValue(parsing: #""\b\f\n\r\t\/""#) == "\u{8}\u{C}\n\r\t/")
        #expect(try JSONValue(parsing: #""\ud83dx""#) == "\u{FFFD}x")
        #expect(try JSONValue(parsing: #""\ude00""#) == "\u{FFFD}")
        #expect(try JSONValue(parsing: #""\ud83d\u0041""#) == "\u{FFFD}A")
        #expect(try JSONValue(parsing: " \u{FEFF}".dropFirst() + "1") == 1)
        #expect(JSONValue.string("\u{7F}\u{1F}\"").text == #""\u007f\u001f\"""#)
    }

    @Test(
        "what is no JSON is refused with its kind",
        arguments: [
            ("", JSONError.Kind.ends), (" ", .ends), ("[1,", .ends), ("{\"a\"", .ends),
            ("\"abc", .ends), ("\"a\\", .ends), ("\"\\u12", .ends), ("tru", .ends), ("-", .ends),
            ("1.", .ends), ("[1 2]", .syntax), ("{a:1}", .syntax), ("[1,]", .syntax),
            ("{\"a\":1,}", .syntax), ("01", .syntax), ("+1", .syntax), (".5", .syntax),
            ("NaN", .syntax), ("Infinity", .syntax), ("'a'", .syntax), ("1 1", .syntax),
            ("\"\\x\"", .syntax), ("\"\\u12g4\"", .syntax), ("\"\n\"", .syntax), ("nulL", .syntax),
            ("1e", .ends), ("1e+", .ends), ("// c\n1", .syntax), ("]", .syntax), ("}", .syntax),
        ])
    func refused(text: String, kind: JSONError.Kind) {
        #expect(failure(text) == kind)
    }

    @Test("hostile JSON is refused by its size, depth or number of values")
    func limits() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(failure(deep) == .tooDeep)
        #expect(failure(String(repeating: "{\"a\":", count: 100_000)) == .tooDeep)
        let allowed = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(failure(allowed) == nil && failure("[\(allowed)]") == .tooDeep)
        #expect(failure("[1,2,3]", JSONLimits(values: 3)) == .tooMany)
        #expect(failure("[1,2,3]", JSONLimits(bytes: 6)) == .tooLarge)
        #expect(failure("[1,2,3]", JSONLimits(bytes: 7, values: 4)) == nil)
        let number = "1" + String(repeating: "0", count: 100_000)
        #expect(failure(number) == nil)
    }

    @Test("a text that is no UTF-8 is refused")
    func encoding() {
        let cases: [[UInt8]] = [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]]
        for bytes in cases {
            for body in [[0x22] + bytes + [0x22], [0x22, 0x5C, 0x6E] + bytes + [0x22]] {
                #expect(throws: JSONError.self) { try JSONValue(parsing: body) }
            }
        }
    }

    @Test("numbers of any size are kept, and are numbers only within limits")
    func numbers() throws {
        let huge = try JSONValue(parsing: "123456789012345678901234567890")
        #expect(huge.int == nil && huge.double == 1.2345678901234568e29)
        #expect(huge.text == "123456789012345678901234567890")
        let endless = try JSONValue(parsing: "1e999")
        #expect(endless.int == nil && endless.double == nil && endless.text == "1e999")
        #expect(try JSONValue(parsing: "3.0").int == 3 && JSONValue(parsing: "3.5").int == nil)
        #expect(try JSONValue(parsing: "-9223372036854775808").int == Int.min)
        let long = try JSONValue(parsing: "0." + String(repeating: "3", count: 10_000))
        #expect(long.int == nil && long.double == nil)
        #expect(JSONValue(Double.nan).isNull && JSONValue(2.0).text == "2")
    }

    @Test("of members with one name the last counts, also of very many")
    func duplicates() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)
        #expect(value["a"] == 3 && value.object?.count == 2)
        let many = (0..<5_000).map { "\"k\($0 % 2_500)\":\($0)" }.joined(separator: ",")
        let object = try #require(try JSONValue(parsing: "{\(many)}").object)
        #expect(object.count == 2_500 && object["k0"] == 2_500)
    }

    @Test("objects are equal in any order of their members")
    func equality() throws {
        let one = try JSONValue(parsing: #"{"a":1,"b":[true]}"#)
        #expect(try one == JSONValue(parsing: #"{"b":[true],"a":1}"#))
        #expect(try one != JSONValue(parsing: #"{"b":[true],"a":2}"#))
        #expect(try one != JSONValue(parsing: #"{"b":[true],"c":1}"#))
    }

    @Test("the end of a value is seen as it comes in pieces")
    func balance() {
        var balance = JSONBalance()
        for piece in ["{\"a", "\":\"}\\\"", "}\",\"b\":[1", "]"] {
            balance.feed(piece)
            #expect(!balance.hasEnded)
        }
        balance.feed("}")
        #expect(balance.hasEnded)
    }

    @Test("base64 is read with and without padding, and refused when it is none")
    func base64() {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 250) }
            let text = Base64.encode(bytes)
            #expect(text.utf8.count % 4 == 0 && Base64.decode(text) == bytes)
            #expect(Base64.decode(text.filter { $0 != "=" }) == bytes)
        }
        for bad in ["a", "ab=c", "a b=", "é", "====", "ab==="] {
            #expect(Base64.decode(bad) == nil)
        }
    }
}
