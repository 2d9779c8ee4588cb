import EventStream
import Testing

@Suite("Event streams")
struct EventStreamTests {
    static let text = """
        : atelier\r\nretry: 1500\r\n\r\nid: 1\r\nevent: run.started\r\ndata: {"a":"ü"}\r\n\r\n\
        event: token\ndata: one\ndata:two\ndata\n\n\
        id: 2\rdata: last\r\revent: only-a-type\n\n
        """
    static let events = [
        ServerSentEvent(id: "1", type: "run.started", text: #"{"a":"ü"}"#),
        ServerSentEvent(id: nil, type: "token", text: "one\ntwo\n"),
        ServerSentEvent(id: "2", type: "message", text: "last"),
    ]

    @Test("a stream that is split anywhere reads the same")
    func splitAnywhere() {
        let bytes = Array(Self.text.utf8)
        for cut in 0...bytes.count {
            var parser = EventStreamParser()
            let events = parser.feed(Array(bytes[..<cut])) + parser.feed(Array(bytes[cut...]))
            #expect(events == Self.events, "cut at \(cut)")
        }
        var parser = EventStreamParser()
        var events: [ServerSentEvent] = []
        for byte in bytes { events += parser.feed([byte]) }
        #expect(events == Self.events)
        #expect(parser.retry == .milliseconds(1_500))
    }

    @Test("a byte order mark is passed over, an unfinished message is not told")
    func edges() {
        var parser = EventStreamParser()
        let events = parser.feed(
            [0xEF, 0xBB, 0xBF] + Array("data: x\n\ndata: unfinished\n".utf8))
        #expect(events.map(\.text) == ["x"])
    }

    @Test("an id with a NUL and a retry that is no number are ignored")
    func nonsense() {
        var parser = EventStreamParser()
        let events = parser.feed(Array("id: a\u{0}b\nretry: soon\nfoo: bar\ndata: x\n\n".utf8))
        #expect(events == [ServerSentEvent(id: nil, type: "message", text: "x")])
        #expect(parser.retry == nil)
    }

    @Test("a message without an end is refused when it is too large")
    func tooLarge() {
        let limits = EventStreamParser.Limits(line: 16, message: 24)
        var parser = EventStreamParser(limits: limits)
        #expect(parser.feed([UInt8](repeating: 120, count: 17)).isEmpty)
        #expect(parser.overflow == .line)
        parser = EventStreamParser(limits: limits)
        let line = "data: 0123456789\n"
        #expect(parser.feed(Array((line + line + line + "\n").utf8)).isEmpty)
        #expect(parser.overflow == .message)
        #expect(parser.feed(Array("data: x\n\n".utf8)).isEmpty)
    }
}
