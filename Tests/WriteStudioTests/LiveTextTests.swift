import Contracts
import Testing

@testable import WriteStudio

@Suite("Text while it is written")
struct LiveTextTests {
    private let live = LiveText()

    private func append(_ text: String, at offset: Int, attempt: Int = 1) {
        live.append(text, at: offset, to: "s", of: "r", attempt: attempt, leftAt: 7)
    }

    private func begin(_ attempt: Int = 1) {
        live.begin("s", of: "r", attempt: attempt, agent: "Writer")
    }

    private func read(
        from offset: Int? = nil, attempt: Int = 1, ending: Set<String> = []
    ) -> Orchestrator.TextPiece? {
        let marks = offset.map { [Orchestrator.TextMark(step: "s", attempt: attempt, offset: $0)] }
        return live.pieces(of: "r", beyond: marks ?? [], ending: ending).first
    }

    @Test("a watcher gets what is past its mark, and nothing twice")
    func marks() {
        begin()
        append("one ", at: 0)
        append("two", at: 4)
        #expect(read()?.text == "one two")
        #expect(read()?.offset == 0)
        #expect(read()?.leftProviderAt == 7)
        #expect(read(from: 4)?.text == "two")
        #expect(read(from: 4)?.offset == 4)
        #expect(read(from: 7) == nil)
        #expect(read(from: 700) == nil)
        #expect(read(from: -1)?.text == "one two")
    }

    @Test("a step's beginning is told once, before there is text")
    func beginning() {
        #expect(read() == nil)
        begin()
        #expect(read()?.text == "")
        #expect(read()?.agent == "Writer")
        #expect(read(from: 0) == nil)
    }

    @Test("another attempt begins again at offset 0, and an older one changes nothing")
    func attempts() {
        begin()
        append("lost", at: 0)
        begin(2)
        append("new", at: 0, attempt: 2)
        #expect(read(from: 4)?.text == "new")
        #expect(read(from: 4)?.attempt == 2)
        begin(1)
        append("old", at: 3, attempt: 1)
        #expect(read()?.text == "new")
        #expect(read(from: 1, attempt: 2)?.text == "ew")
    }

    @Test("text that is read again from the start counts once, and a gap is not taken")
    func again() {
        begin()
        append("one two", at: 0)
        begin()
        append("one ", at: 0)
        #expect(read()?.text == "one two")
        append("one two three", at: 0)
        #expect(read()?.text == "one two three")
        append("x", at: 99)
        append("x", at: -1)
        #expect(read()?.text == "one two three")
    }

    @Test("a piece never begins within a character")
    func characters() {
        begin()
        append("aé", at: 0)
        append("漢", at: 3)
        #expect(read(from: 2)?.offset == 1)
        #expect(read(from: 2)?.text == "é漢")
        #expect(read(from: 5)?.text == "漢")
        #expect(read(from: 3)?.text == "漢")
    }

    @Test("a journaled turn's text goes to those who are told of its end, and to nobody later")
    func ended() {
        begin()
        append("whole text", at: 0)
        live.end("s", of: "r")
        #expect(read() == nil)
        #expect(read(from: 6) == nil)
        #expect(read(from: 6, ending: ["s"])?.text == "text")
        #expect(read(ending: ["s"])?.text == "whole text")
        #expect(read(from: 10, ending: ["s"]) == nil)
        live.discard("s", of: "r")
        #expect(read(ending: ["s"]) == nil)
    }

    @Test("what is kept for slow watchers is bounded, and the oldest goes first")
    func bounded() {
        let text = String(repeating: "x", count: LiveText.mostKeptBytes / 4)
        for number in 1...6 {
            live.begin("\(number)", of: "r", attempt: 1, agent: "A")
            live.append(text, at: 0, to: "\(number)", of: "r", attempt: 1, leftAt: 0)
            live.end("\(number)", of: "r")
        }
        let all = Set((1...6).map { "\($0)" })
        #expect(live.pieces(of: "r", beyond: [], ending: all).map(\.step) == ["3", "4", "5", "6"])
        for number in 1...(LiveText.mostKept + 10) {
            live.begin("s", of: "run \(number)", attempt: 1, agent: "A")
            live.end("s", of: "run \(number)")
        }
        #expect(live.pieces(of: "r", beyond: [], ending: all).isEmpty)
        #expect(live.pieces(of: "run 1", beyond: [], ending: ["s"]).isEmpty)
        #expect(live.pieces(of: "run 1034", beyond: [], ending: ["s"]).count == 1)
    }
}
