import MeshContract
import Testing
import Wire

@testable import AtelierTools
@testable import Mesh

/// Messages of a capture as they are printed.
@Suite("Captures as text")
struct CapturePrinterTests {
    private struct Envelope: Encodable {
        var method: String
        var body: [UInt8]

        enum CodingKeys: Int, CodingKey {
            case method = 1
            case caller = 2
            case call = 3
            case time = 5
            case body = 6
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(method, forKey: .method)
            try values.encode("gateway", forKey: .caller)
            try values.encode("req_1", forKey: .call)
            try values.encode(5_000, forKey: .time)
            try values.encode(body, forKey: .body)
        }
    }

    private func request(_ method: String, _ body: some Encodable) throws -> CapturedMessage {
        let bytes = try WireEncoder.encode(
            Envelope(method: method, body: try WireEncoder.encode(body)))
        return CapturedMessage(
            kind: .request, time: 1_000_001, service: "billing", connection: 3, number: 17,
            method: method, call: "req_1", size: bytes.count, bytes: bytes)
    }

    @Test("a request shows the names of its fields, and what the contract does not know")
    func fields() throws {
        let message = try request(
            "hold", ["account": "a", "run": "r", "colour": "red"])
        let text = CapturePrinter().text(message, nil)
        #expect(text.contains("billing  peer 3  request 17  hold  req_1"))
        #expect(text.contains("  2 caller: \"gateway\""))
        #expect(text.contains("\n    account: \"a\"\n"))
        #expect(text.contains("\n    / not in the contract / colour: \"red\"\n"))
        #expect(text.contains("/ the contract has more: amount /"))
    }

    @Test("a reply is shown by the method of its request, a fault as it is")
    func replies() throws {
        struct Reply: Encodable {
            var body: [UInt8]?
            var fault: Fault?
            enum CodingKeys: Int, CodingKey {
                case body = 1
                case fault = 2
            }
        }
        var message = try request("hold", ["a": "b"])
        message.kind = .reply
        message.bytes = try WireEncoder.encode(
            Reply(body: try WireEncoder.encode(["run": "r"]), fault: nil))
        message.size = message.bytes.count
        let text = CapturePrinter().text(message, 1_900)
        #expect(text.contains("reply 17") && text.contains("after 1.9 ms"))
        #expect(text.contains("\n    run: \"r\"\n"))
        message.bytes = try WireEncoder.encode(
            Reply(body: nil, fault: Fault(.conflict, "twice")))
        message.size = message.bytes.count
        #expect(CapturePrinter().text(message, nil).contains("\"code\": \"conflict\""))
    }

    @Test("what is cut, broken or lost is said, and nothing of it reaches the terminal as it is")
    func strange() throws {
        var message = try request("hold", ["account": "a"])
        message.size += 1
        #expect(CapturePrinter().text(message, nil).contains("bytes were kept /"))
        message.bytes = [0xFF, 0x1B]
        message.size = 2
        #expect(CapturePrinter().text(message, nil).contains("no message of the mesh"))
        message.kind = .lost
        message.size = 12
        #expect(CapturePrinter().text(message, nil).contains("12 messages lost"))
        message = try request("hold", ["account": "a"])
        message.method = "evil\u{1B}[2J"
        #expect(!CapturePrinter().text(message, nil).contains("\u{1B}"))
    }

    @Test("messages are chosen by service, method and call")
    func filter() throws {
        let message = try request("hold", ["account": "a"])
        var printer = CapturePrinter()
        #expect(printer.isWanted(message))
        (printer.service, printer.method, printer.call) = ("billing", "hold", "req_1")
        #expect(printer.isWanted(message))
        printer.call = "req_2"
        #expect(!printer.isWanted(message))
    }

    @Test("a single message of the mesh shows its fields where only one service has the method")
    func single() throws {
        let message = try request("hold", ["account": "a"])
        #expect(try WireCommand.text(of: message.bytes).contains("\n    account: \"a\"\n"))
        let strange = try request("nobody-has-this", ["account": "a"])
        #expect(
            try WireCommand.text(of: strange.bytes).contains("6 body: << {\"account\": \"a\"} >>"))
    }
}
