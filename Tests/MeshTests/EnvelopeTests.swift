import MeshContract
import Testing
import Wire

@testable import Mesh

@Suite("Envelopes")
struct EnvelopeTests {
    private static let sizes = [0, 1, 22, 23, 24, 25, 255, 256, 257, 65_535, 65_536, 100_000]
    private static let traces: [String?] = [nil, "", "00-4bf92f3577b34da6a3ce929d0e0e4736-01"]

    private func envelope(
        _ size: Int, trace: String? = nil, call: String = "req_0", time: Int = 10_000
    ) -> RequestEnvelope {
        RequestEnvelope(
            method: "charge", caller: "gateway", call: call, trace: trace, time: time,
            body: (0..<size).map { UInt8(truncatingIfNeeded: $0) })
    }

    private func direct(_ envelope: RequestEnvelope) throws -> [UInt8] {
        let head = RequestHead(
            method: envelope.method, caller: envelope.caller, call: envelope.call,
            trace: envelope.trace, time: envelope.time)
        return try head.message { bytes throws(Fault) in bytes += envelope.body }
    }

    private func read(_ message: [UInt8]) throws(Fault) -> RequestEnvelope {
        let (head, body) = try RequestHead.read(message)
        return RequestEnvelope(
            method: head.method, caller: head.caller, call: head.call, trace: head.trace,
            time: head.time, body: Array(body.message[body.range]))
    }

    @Test("a request written directly has the bytes of its Codable form", arguments: sizes)
    func sameBytes(size: Int) throws {
        for trace in Self.traces {
            for time in [0, 23, 24, 255, 256, 65_535, 65_536, 86_400_000] {
                let envelope = envelope(size, trace: trace, time: time)
                let message = try direct(envelope)
                #expect(try message == WireEncoder.encode(envelope))
                #expect(try read(message) == envelope)
            }
        }
    }

    @Test("names of every length and alphabet pass both ways", arguments: [0, 23, 24, 127, 300])
    func names(length: Int) throws {
        for letter in ["a", "ü", "漢", "🂡"] {
            let envelope = envelope(5, call: String(repeating: letter, count: length))
            let message = try direct(envelope)
            #expect(try message == WireEncoder.encode(envelope))
            #expect(try read(message) == envelope)
        }
    }

    @Test("a reply written directly has the bytes of its Codable form", arguments: sizes)
    func sameReply(size: Int) throws {
        let body = [UInt8](repeating: 7, count: size)
        let message = try ReplyEnvelope.message { bytes throws(Fault) in bytes += body }
        #expect(try message == WireEncoder.encode(ReplyEnvelope(body: body, fault: nil)))
        let read = try ReplyEnvelope.read(message)
        #expect(Array(read.message[read.range]) == body)
    }

    @Test("fields in another order, unknown ones and null mean the same")
    func otherForms() throws {
        let bytes: [UInt8] =
            [0xA7, 6, 0x42, 1, 2, 1, 0x66] + "charge".utf8 + [2, 0x67] + "gateway".utf8
            + [9, 0x61, 0x78, 3, 0x65] + "req_0".utf8 + [4, 0xF6, 5, 0x19, 0x27, 0x10]
        var expected = envelope(0)
        expected.body = [1, 2]
        #expect(try read(bytes) == expected)
    }

    @Test("a fault and an empty reply are told apart")
    func fault() throws {
        let fault = Fault(.conflict, "already there", detail: "twice")
        let message = try WireEncoder.encode(ReplyEnvelope(body: nil, fault: fault))
        #expect(throws: fault) { try ReplyEnvelope.read(message) }
        #expect(try ReplyEnvelope.read([0xA0]).range.isEmpty)
    }

    @Test("no cut or changed byte of a request traps, and what is read is what the decoder reads")
    func hostile() throws {
        let message = try direct(envelope(30, trace: "t", time: 70_000))
        for length in 0..<message.count {
            #expect(throws: Fault.self) { try read(Array(message[..<length])) }
        }
        for place in message.indices {
            for change in UInt8.min ... .max {
                var bytes = message
                bytes[place] = change
                let known = try? WireDecoder.decode(RequestEnvelope.self, from: bytes)
                #expect((try? read(bytes)) == known)
            }
        }
    }

    @Test("names of calls are short, and no two of a process are the same")
    func callNames() {
        let names = (0..<50_000).map { _ in CallID.make() }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("req_") && $0.utf8.count == 15 })
    }
}
