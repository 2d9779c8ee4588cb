import Console
import Contracts
import Glibc
import MeshContract
import Testing
import Wire

@testable import AtelierTools
@testable import Mesh

@Suite("Messages as people read them")
struct WireCommandTests {
    private let hold = Billing.Hold(account: "acct_1", run: "run_7", amount: 2500)

    private func request(_ body: [UInt8], trace: String? = nil) throws -> [UInt8] {
        let head = RequestHead(
            method: "billing.hold", caller: "orchestrator", call: "call_9", trace: trace,
            time: 30000)
        return try head.message { (bytes: inout [UInt8]) throws(Fault) in bytes += body }
    }

    /// A file of its own that is gone after the test.
    private func withFile<Result>(
        _ content: [UInt8], _ body: (String) throws -> Result
    ) throws -> Result {
        var name = Array("/tmp/wire-command-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        try #require(descriptor >= 0)
        defer {
            close(descriptor)
            unlink(name)
        }
        #expect(write(descriptor, content, content.count) == content.count)
        return try body(
            String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    @Test("a request shows the names behind its numbers, and its body as the contract has it")
    func requestText() throws {
        let bytes = try request(WireEncoder.encode(hold))
        #expect(
            try WireCommand.text(of: bytes) == """
                request {
                  1 method: "billing.hold"
                  2 caller: "orchestrator"
                  3 call: "call_9"
                  5 time: 30000
                  6 body: << {"account": "acct_1", "run": "run_7", "amount": 2500} >>
                }
                """)
        let traced = try WireCommand.text(of: request([0xA0], trace: "00-ab-cd-01"))
        #expect(traced.contains("\n  4 trace: \"00-ab-cd-01\"\n"))
        #expect(traced.contains("\n  6 body: << {} >>\n"))
    }

    @Test("the synthesized envelope and the one that Mesh writes are shown alike")
    func envelopes() throws {
        let body = try WireEncoder.encode(hold)
        let plain = RequestEnvelope(
            method: "billing.hold", caller: "orchestrator", call: "call_9", trace: nil, time: 30000,
            body: body)
        let text = try WireCommand.text(of: WireEncoder.encode(plain))
        #expect(try text == WireCommand.text(of: request(body)))
    }

    @Test("a reply shows its body, or its fault with the fields that were refused")
    func replies() throws {
        let fault = Fault(
            .invalid, "what was sent is refused", detail: "see fields",
            fields: [FieldFault("/amount", "below one")])
        let answer = try ReplyEnvelope.message { (bytes: inout [UInt8]) throws(Fault) in
            try Envelope.append(hold, to: &bytes)
        }
        #expect(
            try WireCommand.text(of: answer) == """
                reply {
                  1 body: << {"account": "acct_1", "run": "run_7", "amount": 2500} >>
                }
                """)
        let refusal = try WireEncoder.encode(ReplyEnvelope(body: nil, fault: fault))
        let text = try WireCommand.text(of: refusal)
        #expect(text.hasPrefix("reply {\n  2 fault: {\"code\": \"invalid\", \"message\": "))
        #expect(
            text.contains("\"fields\": [{\"pointer\": \"/amount\", \"message\": \"below one\"}]"))
    }

    @Test("a body that is no message is shown as its bytes")
    func foreignBody() throws {
        let text = try WireCommand.text(of: request([0xFF, 0x00, 0x41]))
        #expect(text.contains("\n  6 body: h'ff0041'\n"))
        #expect(try WireCommand.text(of: request([])).contains("\n  6 body: h''\n"))
    }

    @Test("what has the shape of an envelope and more is shown whole, so that nothing is hidden")
    func moreThanKnown() throws {
        // The pairs of an envelope, and an eighth one that no version knows.
        var bytes = try request([0xA0])
        bytes[0] += 1
        bytes += [0x08, 0x65] + Array("extra".utf8)
        let text = try WireCommand.text(of: bytes)
        #expect(text.hasPrefix("{1: \"billing.hold\"") && text.hasSuffix("8: \"extra\"}"))
        let both = try WireCommand.text(of: [0xA2, 0x01, 0x41, 0xA0, 0x08, 0x01])
        #expect(both == "{1: h'a0', 8: 1}")
    }

    @Test(
        "any other document is shown in diagnostic notation",
        arguments: [
            ("00", "0"), ("8301820203f6", "[1, [2, 3], null]"), ("a1616101", "{\"a\": 1}"),
            ("c11a514b67b0", "1(1363896240)"), ("d8254101", "37(h'01')"),
            ("f97e00", "NaN"), ("63e6b0b4", "\"水\""),
        ])
    func otherDocuments(digits: String, expected: String) throws {
        let bytes = try #require(WireCommand.binary(Array(digits.utf8)))
        #expect(try WireCommand.text(of: bytes) == expected)
    }

    @Test("hex digits are read with and without spaces and line ends, in either case")
    func hex() {
        #expect(WireCommand.binary(Array("a1 61\n61 0F\t\r\n".utf8)) == [0xA1, 0x61, 0x61, 0x0F])
        #expect(WireCommand.binary(Array("A16161f5".utf8)) == [0xA1, 0x61, 0x61, 0xF5])
        #expect(WireCommand.binary(Array("a16".utf8)) == nil)
        #expect(WireCommand.binary(Array("a1 6g".utf8)) == nil)
        #expect(WireCommand.binary(Array("０１".utf8)) == nil)
        #expect(WireCommand.binary([]) == nil && WireCommand.binary([0x20, 0x0A]) == nil)
        #expect(WireCommand.binary([0xA1, 0x61, 0x61, 0x01]) == nil)
    }

    @Test("a file is read as it is or as hex digits")
    func files() throws {
        let message = try request(WireEncoder.encode(hold))
        let digits = message.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let expected = try WireCommand.text(of: message)
        #expect(try withFile(message) { try WireCommand.shown([$0]) } == expected)
        #expect(try withFile(Array(digits.utf8)) { try WireCommand.shown([$0]) } == expected)
    }

    @Test("standard input is read until it ends, however it comes in pieces")
    func input() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let message = try request(WireEncoder.encode(hold))
        for half in [message[..<40], message[40...]] {
            let count = half.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
            #expect(count == half.count)
        }
        close(ends[1])
        defer { close(ends[0]) }
        #expect(try WireCommand.content(of: ends[0], called: "the input") == message)
        #expect(throws: UsageError("the input cannot be read")) {
            try WireCommand.content(of: -1, called: "the input")
        }
    }

    @Test("what cannot be read, or has no end, is refused")
    func unreadable() {
        #expect(throws: UsageError("/nowhere/message cannot be read")) {
            try WireCommand.shown(["/nowhere/message"])
        }
        #expect(throws: UsageError("/tmp cannot be read")) { try WireCommand.shown(["/tmp"]) }
        #expect(throws: UsageError("/dev/zero is too large")) {
            try WireCommand.shown(["/dev/zero"])
        }
        #expect(throws: UsageError.self) { try WireCommand.shown(["one", "two"]) }
        #expect(throws: UsageError.self) { try WireCommand.shown(["--hex"]) }
    }

    @Test(
        "bytes that are no message are refused with the place and the reason",
        arguments: [
            ([], "truncated at byte 0"), ([0xA1], "length exceeds the document at byte 0"),
            ([0x9F, 0xFF], "indefinite length at byte 0"), ([0x18, 0x01], "not in shortest form"),
            ([0x61, 0xFF], "invalid UTF-8 at byte 0"), ([0x00, 0x00], "bytes after the document"),
            ([0xA2, 0x01, 0x01, 0x01, 0x02], "duplicate key at byte 3"),
            ([UInt8](repeating: 0x81, count: 70) + [0], "nested too deep at byte 64"),
            ([0x9B] + [UInt8](repeating: 0xFF, count: 8), "length exceeds the document at byte 0"),
        ])
    func refused(bytes: [UInt8], reason: String) throws {
        let error = #expect(throws: UsageError.self) {
            try withFile(bytes) { try WireCommand.shown([$0]) }
        }
        let text = try #require(error).description
        #expect(text.hasPrefix("this is not a message of the mesh: ") && text.contains(reason))
    }

    @Test("text in a message can neither move the cursor nor pose as another field")
    func hostileText() throws {
        let trick = "x\u{1B}[2J\n  6 body: << {} >>\r\u{202E}\u{9B}\u{7F}\"\\"
        let envelope = RequestEnvelope(
            method: trick, caller: trick, call: trick, trace: trick, time: -1,
            body: try WireEncoder.encode([trick: trick]))
        let text = try withFile(WireEncoder.encode(envelope)) { try WireCommand.shown([$0]) }
        #expect(text.split(separator: "\n").count == 8)
        let allowed = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value)
        }
        #expect(allowed && !text.unicodeScalars.contains("\u{202E}"))
        #expect(text.contains(#"1 method: "x\u001b[2J\n  6 body: << {} >>\r\u007f\"\\""#))
    }

    @Test("bodies inside of bodies stay bytes: the depth of what is printed is the document's")
    func nestedEnvelopes() throws {
        var message = try request([0xA0])
        for _ in 0..<200 { message = try request(message) }
        let text = try WireCommand.text(of: message)
        #expect(text.split(separator: "\n").count == 7)
        #expect(text.contains("6 body: << {1: \"billing.hold\""))
    }
}
