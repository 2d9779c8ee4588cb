import EventStream
import Testing

@testable import Dialects

@Suite struct FramingTests {
    private func events(_ text: String, limits: FrameLimits = FrameLimits()) -> [String] {
        var whole = EventFraming(limits: limits)
        let all = whole.feed(Array(text.utf8))
        var single = EventFraming(limits: limits)
        let bytes = text.utf8.flatMap { single.feed([$0]) }
        #expect(all == bytes && whole.failure == single.failure)
        return all.map { "\($0.type)|" + String(decoding: $0.data, as: UTF8.self) }
    }

    @Test("lines end in CR, LF or both")
    func lineEnds() {
        let expected = ["a|1\n2", "message|3"]
        for end in ["\n", "\r", "\r\n"] {
            let lines = ["event: a", "data: 1", "data: 2", "", "data: 3", "", ""]
            #expect(events(lines.joined(separator: end)) == expected)
        }
        #expect(
            events("data: 1\r\n\r\ndata: 2\n\rdata: 3\r\r") == [
                "message|1", "message|2", "message|3",
            ])
    }

    @Test("comments, other fields and one leading space are dropped")
    func fields() {
        #expect(events(": hello\ndata:  x\nid: 7\nretry: 10\nother\n\n") == ["message| x"])
        #expect(events("data\ndata:\n\n") == ["message|\n"])
        #expect(events("data\n\n") == ["message|"])
    }

    @Test("an event without data, or without its empty line, is no event")
    func incomplete() {
        #expect(events("event: a\n\ndata: 1\n\n") == ["message|1"])
        #expect(events("data: 1\n") == [])
        #expect(events("event:\ndata: 1\n\n") == ["message|1"])
    }

    @Test("a byte order mark is dropped at the start only")
    func byteOrderMark() {
        #expect(events("\u{FEFF}data: 1\n\n\u{FEFF}data: 2\n\n") == ["message|1"])
    }

    @Test("a line or an event past its limit fails, and one at it does not")
    func limits() {
        let limits = FrameLimits(lineBytes: 16, eventBytes: 24)
        let line = "data: 0123456789\n"
        #expect(events(line + "\n", limits: limits).count == 1)
        #expect(events(line + line + "\n", limits: limits).count == 1)
        var framing = EventFraming(limits: limits)
        #expect(framing.feed(Array((line + "\n" + line + line + line + "\n").utf8)).count == 1)
        #expect(framing.failure?.kind == .garbage)
        var long = EventFraming(limits: limits)
        #expect(long.feed(Array("data: 01234567890".utf8)).isEmpty)
        #expect(long.failure?.kind == .garbage)
        var lines = LineFraming(limits: limits)
        #expect(lines.feed(Array("0123456789012345\n01234567890123456".utf8)).count == 1)
        #expect(lines.failure?.kind == .garbage && lines.feed([0x0A]).isEmpty)
    }
}
