import Testing

@testable import AtelierTools

@Suite("Event streams")
struct EventStreamTests {
    static let text = """
        : atelier\r\nretry: 1500\r\n\r\nid: 1\r\nevent: run.started\r\ndata: {"a":"ü"}\r\n\r\n\
        event: token\ndata: one\ndata:two\ndata\n\n\
        id: 2\rdata: last\r\revent: only-a-type\n\n
        """
    static let events = [
        ServerEvent(id: "1", type: "run.started", data: #"{"a":"ü"}"#),
        ServerEvent(id: nil, type: "token", data: "one\ntwo\n"),
        ServerEvent(id: "2", type: "message", data: "last"),
    ]

    @Test("a stream that is split anywhere reads the same")
    func splitAnywhere() throws {
        let bytes = Array(Self.text.utf8)
        for cut in 0...bytes.count {
            var parser = EventStreamParser()
            let events = try parser.feed(bytes[..<cut]) + parser.feed(bytes[cut...])
            #expect(events == Self.events, "cut at \(cut)")
        }
        var parser = EventStreamParser()
        var events: [ServerEvent] = []
        for byte in bytes { events += try parser.feed([byte]) }
        #expect(events == Self.events)
        #expect(parser.retry == .milliseconds(1_500))
    }

    @Test("a byte order mark is passed over, an unfinished message is not told")
    func edges() throws {
        var parser = EventStreamParser()
        let events = try parser.feed(
            [0xEF, 0xBB, 0xBF] + Array("data: x\n\ndata: unfinished\n".utf8))
        #expect(events.map(\.data) == ["x"])
    }

    @Test("an id with a NUL and a retry that is no number are ignored")
    func nonsense() throws {
        var parser = EventStreamParser()
        let events = try parser.feed(Array("id: a\u{0}b\nretry: soon\nfoo: bar\ndata: x\n\n".utf8))
        #expect(events == [ServerEvent(id: nil, type: "message", data: "x")])
        #expect(parser.retry == nil)
    }

    @Test("a message without an end is refused when it is too large")
    func tooLarge() {
        var parser = EventStreamParser()
        let line = [UInt8](repeating: 120, count: EventStreamParser.limit + 1)
        #expect(throws: Refusal.self) { try parser.feed(line) }
    }
}

@Suite("Text in progress")
struct TextLedgerTests {
    private func token(_ offset: Int, _ text: String, attempt: Int = 1) -> TokenData {
        TokenData(step: "s", attempt: attempt, agent: "A", offset: offset, text: text)
    }

    @Test("text that comes a second time is shown once, to the byte")
    func overlap() {
        var ledger = TextLedger()
        #expect(ledger.take(token(0, "grün")) == .more("grün"))
        #expect(ledger.take(token(5, "e ")) == .more("e "))
        #expect(ledger.take(token(0, "grün")) == .nothing)
        #expect(ledger.take(token(0, "grüne Wiese")) == .more("Wiese"))
        #expect(ledger.take(token(12, "")) == .nothing)
    }

    @Test("a new attempt begins again, and the old one's stragglers are dropped")
    func attempts() {
        var ledger = TextLedger()
        _ = ledger.take(token(0, "first"))
        #expect(ledger.take(token(0, "sec", attempt: 2)) == .again("sec"))
        #expect(ledger.take(token(5, " try")) == .nothing)
        #expect(ledger.take(token(3, "ond", attempt: 2)) == .more("ond"))
    }

    @Test("steps do not disturb one another, and the oldest are forgotten")
    func steps() {
        var ledger = TextLedger()
        for number in 0...TextLedger.limit {
            let token = TokenData(step: "\(number)", attempt: 1, agent: "A", offset: 0, text: "x")
            #expect(ledger.take(token) == .more("x"))
        }
        let last = TokenData(
            step: "\(TextLedger.limit)", attempt: 1, agent: "A", offset: 0, text: "x")
        #expect(ledger.take(last) == .nothing)
    }
}
