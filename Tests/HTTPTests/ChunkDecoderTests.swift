import Testing

@testable import HTTP

@Suite("Chunk decoder")
struct ChunkDecoderTests {
    private func decode(
        _ text: String, room: Int = .max
    ) throws(Refusal) -> (body: String, used: Int, whole: Bool) {
        var decoder = ChunkDecoder(maxFields: 3)
        var output: [UInt8] = []
        let used = try decoder.decode(Array(text.utf8).span, into: &output, room: room)
        return (String(decoding: output, as: UTF8.self), used, decoder.isComplete)
    }

    @Test("it stops behind the last chunk")
    func stops() throws {
        let result = try decode("A\r\n0123456789\r\n0\r\n\r\nGET /")
        #expect(result.body == "0123456789")
        #expect(result.used == 20)
        #expect(result.whole)
    }

    @Test("it never gives more than there is room for")
    func room() throws {
        let result = try decode("A\r\n0123456789\r\n0\r\n\r\n", room: 4)
        #expect(result.body == "0123")
        #expect(result.used == 7)
        #expect(!result.whole)
    }

    @Test("what stands before a flaw is given before the flaw is told")
    func flaw() throws {
        var decoder = ChunkDecoder(maxFields: 3)
        var output: [UInt8] = []
        let bytes = Array("2\r\nhiX\r\n".utf8)
        let used = try decoder.decode(bytes.span, into: &output, room: .max)
        #expect(output == Array("hi".utf8))
        #expect(throws: Refusal.badChunk) {
            try decoder.decode(Array(bytes[used...]).span, into: &output, room: .max)
        }
    }

    @Test("extensions and trailers are bounded")
    func bounds() throws {
        let long = String(repeating: "x", count: 5000)
        #expect(throws: Refusal.badChunk) { try decode("0;\(long)\r\n\r\n") }
        #expect(throws: Refusal.badChunk) { try decode("0\r\nX: \(long)\r\n\r\n") }
        #expect(throws: Refusal.badChunk) {
            try decode("0\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n")
        }
        #expect(try decode("0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n").whole)
    }

    @Test("a body of exactly the limit is read, one byte more is refused")
    func limit() throws {
        var limits = HTTPLimits()
        limits.maxBody = 4
        var output: [UInt8] = []
        var exact = try BodyDecoder(.chunked, limits: limits)
        _ = try exact.decode(Array("4\r\nabcd\r\n0\r\n\r\n".utf8).span, into: &output, room: 100)
        #expect(exact.isComplete)
        var over = try BodyDecoder(.chunked, limits: limits)
        #expect(throws: Refusal.bodyTooLarge) {
            try over.decode(Array("5\r\nabcde\r\n0\r\n\r\n".utf8).span, into: &output, room: 100)
        }
        #expect(throws: Refusal.bodyTooLarge) { try BodyDecoder(.length(5), limits: limits) }
    }
}
