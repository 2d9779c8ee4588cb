import Testing
import Wire

/// The examples of RFC 8949, Appendix A.
enum AppendixA {
    /// A document that the profile accepts: its notation and, where it has one, its `WireValue`.
    struct Accepted: Sendable, CustomTestStringConvertible {
        let bytes: String
        let notation: String
        var value: WireValue?
        /// Whether encoding the value gives the same bytes; shorter floats only come canonical.
        var form = Form.both

        enum Form { case both, canonical, read }

        init(_ bytes: String, _ notation: String, _ value: WireValue?, _ form: Form = .both) {
            self.bytes = bytes
            self.notation = notation
            self.value = value
            self.form = form
        }

        var testDescription: String { bytes + " = " + notation }
    }

    static let integers: [Accepted] = [
        .init("00", "0", 0), .init("01", "1", 1), .init("0a", "10", 10),
        .init("17", "23", 23), .init("1818", "24", 24), .init("1819", "25", 25),
        .init("1864", "100", 100), .init("1903e8", "1000", 1000),
        .init("1a000f4240", "1000000", 1_000_000),
        .init("1b000000e8d4a51000", "1000000000000", 1_000_000_000_000),
        .init("1bffffffffffffffff", "18446744073709551615", .unsigned(.max)),
        .init(
            "c249010000000000000000", "2(h'010000000000000000')",
            .tagged(2, .bytes([1, 0, 0, 0, 0, 0, 0, 0, 0]))),
        .init("3bffffffffffffffff", "-18446744073709551616", nil),
        .init(
            "c349010000000000000000", "3(h'010000000000000000')",
            .tagged(3, .bytes([1, 0, 0, 0, 0, 0, 0, 0, 0]))),
        .init("20", "-1", -1), .init("29", "-10", -10), .init("3863", "-100", -100),
        .init("3903e7", "-1000", -1000),
    ]

    static let numbers: [Accepted] = [
        .init("f90000", "0.0", 0.0, .canonical), .init("f98000", "-0.0", -0.0, .canonical),
        .init("f93c00", "1.0", 1.0, .canonical), .init("fb3ff199999999999a", "1.1", 1.1),
        .init("f93e00", "1.5", 1.5, .canonical),
        .init("f97bff", "65504.0", 65504.0, .canonical),
        .init("fa47c35000", "100000.0", 100000.0, .canonical),
        .init("fa7f7fffff", "3.4028234663852886e+38", 3.4028234663852886e+38, .canonical),
        .init("fb7e37e43c8800759c", "1.0e+300", 1.0e+300),
        .init("f90001", "5.960464477539063e-8", 5.960464477539063e-8, .canonical),
        // The RFC writes 0.00006103515625, the same number.
        .init("f90400", "6.103515625e-5", 0.00006103515625, .canonical),
        .init("f9c400", "-4.0", -4.0, .canonical),
        .init("fbc010666666666666", "-4.1", -4.1),
        .init("f97c00", "Infinity", .double(.infinity), .canonical),
        .init("f97e00", "NaN", .double(.nan), .canonical),
        .init("f9fc00", "-Infinity", .double(-.infinity), .canonical),
        .init("fa7f800000", "Infinity", .double(.infinity), .read),
        .init("fa7fc00000", "NaN", .double(.nan), .read),
        .init("faff800000", "-Infinity", .double(-.infinity), .read),
        .init("fb7ff0000000000000", "Infinity", .double(.infinity)),
        .init("fb7ff8000000000000", "NaN", .double(.nan)),
        .init("fbfff0000000000000", "-Infinity", .double(-.infinity)),
        .init("f4", "false", false), .init("f5", "true", true), .init("f6", "null", .some(.null)),
        .init("f7", "undefined", nil), .init("f0", "simple(16)", nil),
        .init("f8ff", "simple(255)", nil),
    ]

    static let strings: [Accepted] = [
        .init(
            "c074323031332d30332d32315432303a30343a30305a", "0(\"2013-03-21T20:04:00Z\")",
            .tagged(0, "2013-03-21T20:04:00Z")),
        .init("c11a514b67b0", "1(1363896240)", .tagged(1, 1_363_896_240)),
        .init("c1fb41d452d9ec200000", "1(1363896240.5)", .tagged(1, 1363896240.5)),
        .init("d74401020304", "23(h'01020304')", .tagged(23, .bytes([1, 2, 3, 4]))),
        .init(
            "d818456449455446", "24(h'6449455446')",
            .tagged(24, .bytes([0x64, 0x49, 0x45, 0x54, 0x46]))),
        .init(
            "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
            "32(\"http://www.example.com\")", .tagged(32, "http://www.example.com")),
        .init("40", "h''", .bytes([])), .init("4401020304", "h'01020304'", .bytes([1, 2, 3, 4])),
        .init("60", "\"\"", ""), .init("6161", "\"a\"", "a"),
        .init("6449455446", "\"IETF\"", "IETF"), .init("62225c", "\"\\\"\\\\\"", "\"\\"),
        .init("62c3bc", "\"ü\"", "\u{fc}"), .init("63e6b0b4", "\"水\"", "\u{6c34}"),
        .init("64f0908591", "\"𐅑\"", "\u{10151}"),
    ]

    static let containers: [Accepted] = [
        .init("80", "[]", []), .init("83010203", "[1, 2, 3]", [1, 2, 3]),
        .init("8301820203820405", "[1, [2, 3], [4, 5]]", [1, [2, 3], [4, 5]]),
        .init(
            "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
            "[" + (1...25).map(String.init).joined(separator: ", ") + "]",
            .array((1...25).map(WireValue.integer))),
        .init("a0", "{}", [:]), .init("a201020304", "{1: 2, 3: 4}", nil),
        .init("a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}", ["a": 1, "b": [2, 3]]),
        .init("826161a161626163", "[\"a\", {\"b\": \"c\"}]", ["a", ["b": "c"]]),
        .init(
            "a56161614161626142616361436164614461656145",
            "{\"a\": \"A\", \"b\": \"B\", \"c\": \"C\", \"d\": \"D\", \"e\": \"E\"}",
            ["a": "A", "b": "B", "c": "C", "d": "D", "e": "E"]),
    ]

    static let accepted = integers + numbers + strings + containers

    /// The examples with an indefinite length, and where it stands.
    static let indefinite: [(String, Int)] = [
        ("5f42010243030405ff", 0), ("7f657374726561646d696e67ff", 0), ("9fff", 0),
        ("9f018202039f0405ffff", 0), ("9f01820203820405ff", 0), ("83018202039f0405ff", 5),
        ("83019f0203ff820405", 2),
        ("9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", 0),
        ("bf61610161629f0203ffff", 0), ("826161bf61626163ff", 3),
        ("bf6346756ef563416d7421ff", 0),
    ]
}
