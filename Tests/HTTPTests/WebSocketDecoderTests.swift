import Testing

@testable import HTTP

@Suite("WebSocket frames")
struct WebSocketDecoderTests {
    /// What a stream of bytes means, in words, ended by a flaw's code.
    static func transcript(_ bytes: [UInt8], limit: Int = 100_000, piece: Int) -> [String] {
        var decoder = WebSocketDecoder(limit: limit)
        var lines: [String] = []
        var rest = bytes[...]
        do throws(WebSocketFlaw) {
            while !rest.isEmpty, !decoder.isEnded {
                let part = Array(rest.prefix(piece))
                let (used, event) = try decoder.feed(part.span)
                rest = rest.dropFirst(used)
                if let event { lines.append(told(event)) }
            }
        } catch {
            lines.append("\(error.code.rawValue)")
        }
        return lines
    }

    private static func told(_ event: WebSocketDecoder.Event) -> String {
        switch event {
        case .message(.text(let text)): text.count > 20 ? "text \(text.utf8.count)" : text
        case .message(.binary(let bytes)): "binary \(bytes.count)"
        case .ping(let bytes): "ping \(bytes.count)"
        case .pong(let bytes): "pong \(bytes.count)"
        case .close(let code, let reason): "close \(code.rawValue) \(reason)"
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var lines: [String]

        init(_ name: String, _ frames: [[UInt8]], _ lines: String...) {
            (testDescription, bytes, self.lines) = (name, frames.flatMap { $0 }, lines)
        }
    }

    private static func frame(_ first: UInt8, _ text: String) -> [UInt8] {
        SocketClient.frame(first, text)
    }

    private static func frame(_ first: UInt8, _ bytes: [UInt8] = []) -> [UInt8] {
        SocketClient.frame(first, bytes)
    }

    /// A head as it is given, with an empty mask where the second byte announces one.
    private static func raw(_ bytes: UInt8...) -> [UInt8] { bytes + [0, 0, 0, 0] }

    static let cases: [Case] =
        framing + control + fragments
        + texts.map { name, bytes, isGood in
            Case(
                "UTF-8: \(name)", [frame(0x81, bytes)],
                isGood ? "\(String(decoding: bytes, as: UTF8.self))" : "1007")
        } + codes

    private static let framing =
        [
            Case("text", [frame(0x81, "hello")], "hello"),
            Case("an empty text", [frame(0x81)], ""),
            Case(
                "binary of each kind of length",
                [125, 126, 127, 128, 65_535, 65_536].map {
                    frame(0x82, [UInt8](repeating: 7, count: $0))
                }, "binary 125", "binary 126", "binary 127", "binary 128", "binary 65535",
                "binary 65536"),
            Case("without a mask", [[0x81, 0x01, 0x61]], "1002"),
            Case("a length of 125 in two bytes", [raw(0x81, 0xFE, 0, 125)], "1002"),
            Case(
                "a length of 65,535 in eight", [raw(0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF)],
                "1002"),
            Case("a negative length", [raw(0x82, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0)], "1002"),
            Case(
                "longer than allowed", [frame(0x82, [UInt8](repeating: 7, count: 100_001))], "1009"),
            Case(
                "fragments longer than allowed",
                [
                    frame(0x02, [UInt8](repeating: 7, count: 60_000)),
                    frame(0x80, [UInt8](repeating: 7, count: 40_001)),
                ], "1009"),
            Case("reserved bit 1", [frame(0xC1, "a")], "1002"),
            Case("reserved bit 2", [frame(0x81, "a"), frame(0xA1, "b")], "a", "1002"),
            Case("reserved bit 3 of a ping", [frame(0x99)], "1002"),
        ]
        + [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map {
            Case("opcode \($0)", [frame(0x81, "a"), frame(0x80 | $0, "b")], "a", "1002")
        }

    private static let control = [
        Case(
            "ping with 125 bytes", [frame(0x89, [UInt8](repeating: 0xFE, count: 125))], "ping 125"),
        Case("ping with 126 bytes", [frame(0x89, [UInt8](repeating: 0xFE, count: 126))], "1002"),
        Case("a ping in fragments", [frame(0x09, "a")], "1002"),
        Case("pong nobody asked for", [frame(0x8A, "x"), frame(0x89)], "pong 1", "ping 0"),
        Case("nothing after a farewell", [frame(0x88, [3, 232]), frame(0x89)], "close 1000 "),
        Case(
            "a farewell with a reason", [frame(0x88, [3, 233] + Array("bye".utf8))],
            "close 1001 bye"),
        Case("a farewell without a code", [frame(0x88)], "close 1005 "),
        Case("half a code", [frame(0x88, [3])], "1002"),
        Case("a reason that is not UTF-8", [frame(0x88, [3, 232, 0xCE])], "1007"),
        Case(
            "a farewell that is too long",
            [frame(0x88, [3, 232] + [UInt8](repeating: 97, count: 124))], "1002"),
    ]

    private static let fragments = [
        Case("two fragments", [frame(0x01, "hel"), frame(0x80, "lo")], "hello"),
        Case("empty fragments", [frame(0x01), frame(0x00), frame(0x80)], ""),
        Case(
            "a ping in between", [frame(0x01, "hel"), frame(0x89), frame(0x80, "lo")], "ping 0",
            "hello"),
        Case("a message in between", [frame(0x01, "hel"), frame(0x81, "lo")], "1002"),
        Case("nothing to be continued", [frame(0x80, "lo")], "1002"),
        Case(
            "continued after its end", [frame(0x01, "a"), frame(0x80, "b"), frame(0x80, "c")], "ab",
            "1002"),
        Case(
            "a character in two fragments", [frame(0x01, [0xE2, 0x82]), frame(0x80, [0xAC])], "€"),
        Case("half a character at the end", [frame(0x01, [0xE2]), frame(0x80, [0x82])], "1007"),
        Case(
            "binary fragments are no text", [frame(0x02, [0xE2]), frame(0x80, [0xFF])], "binary 2"),
    ]

    private static let texts: [(String, [UInt8], Bool)] = [
        ("two, three, four bytes", Array("é€🎈".utf8), true),
        ("the last character", [0xF4, 0x8F, 0xBF, 0xBF], true),
        ("beyond it", [0xF4, 0x90, 0x80, 0x80], false),
        ("a surrogate", [0xED, 0xA0, 0x80], false),
        ("before the surrogates", [0xED, 0x9F, 0xBF], true),
        ("behind them", [0xEE, 0x80, 0x80], true),
        ("overlong in two", [0xC0, 0xAF], false),
        ("overlong in three", [0xE0, 0x80, 0xAF], false),
        ("overlong in four", [0xF0, 0x80, 0x80, 0xAF], false),
        ("overlong NUL", [0xC1, 0x80], false),
        ("five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80], false),
        ("a lone continuation", [0x80], false),
        ("ASCII, then broken", Array("0123456789".utf8) + [0xFF], false),
        ("not a character", [0xEF, 0xBF, 0xBE], true),
        ("NUL", [0], true),
        ("half a character", [0x61, 0xE2, 0x82], false),
    ]

    private static let codes: [Case] =
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map {
            Case("code \($0)", [frame(0x88, [UInt8($0 >> 8), UInt8($0 & 255)])], "close \($0) ")
        }
        + [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map {
            Case("code \($0)", [frame(0x88, [UInt8($0 >> 8), UInt8($0 & 255)])], "1002")
        }

    @Test("frames mean the same in any pieces", arguments: cases)
    func frames(_ sample: Case) {
        for piece in [Int.max, 1, 2, 7] where sample.bytes.count < 1000 || piece == .max {
            #expect(Self.transcript(sample.bytes, piece: piece) == sample.lines)
        }
        #expect(Self.transcript(sample.bytes, piece: 1023) == sample.lines)
    }

    @Test("text that cannot become UTF-8 is refused before its message ends")
    func early() {
        let bytes = Self.frame(0x01, [0xF4, 0x90]) + [0x80]
        #expect(Self.transcript(Array(bytes.dropLast()), piece: 1) == ["1007"])
    }

    @Test("the checker agrees with the language about every pair and many triples")
    func checker() {
        for first in UInt8.min ... .max {
            for second in UInt8.min ... .max {
                let bytes = [first, second, 0xBF]
                var checker = UTF8Checker()
                let isText = bytes.withUnsafeBytes { checker.take($0) } && checker.isComplete
                #expect(isText == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
            }
        }
    }

    @Test("a long reason is cut at a character, and the answer to the sample key is the RFC's")
    func written() {
        let frame = WebSocketFrame.close(.policy, String(repeating: "€", count: 60))
        #expect(frame.count == 2 + 2 + 41 * 3)
        #expect(frame[1] == 125)
        #expect(
            WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
