import EventStream
import Console

/// The agents at work, for a person who watches: who is on, the text as it comes, scores, progress.
///
/// When several agents work at once, the one that began first is shown as it writes; the others'
/// text is held, to a limit, and shown when their turn comes.
struct TerminalView: RunView {
    /// Most text of one agent that is held while another is shown, in bytes.
    private static let held = 256 << 10

    private struct Turn: Sendable {
        var data: TurnData
        var text = ""
        var isDone = false
    }

    let words: RunWords
    private let hasColor: Bool
    private var ledger = TextLedger()
    private var turns: [Turn] = []
    private var isAtLineStart = true

    init(words: RunWords, hasColor: Bool) { (self.words, self.hasColor) = (words, hasColor) }

    mutating func show(_ event: RunEvent, _: ServerSentEvent, _ tally: RunTally) {
        switch event {
        case .runStarted: line("started")
        case .roundStarted(let number): line("\n" + styled("1", words.round(number)))
        case .turnStarted(let data): begin(data)
        case .token(let token): show(token)
        case .turnCompleted(let data): complete(data)
        case .roundCompleted(let data):
            line("\(bar(words.progress(tally))) \(words.result(data, tally))")
        case .documentStored(let data): line("stored as \(data.artifactID)")
        case .ended(let end): line("\n" + styled("1", words.end(end)))
        case .gateOpened, .referencesCut, .critiqueMerged, .documentChanged:
            if let note = words.note(on: event) { line(styled("33", note)) }
        case .end, .other: break
        }
    }

    mutating func note(_ text: String) { line(styled("33", Printable.line(text, limit: 300))) }

    // MARK: Turns

    private mutating func begin(_ data: TurnData) {
        turns.append(Turn(data: data))
        if turns.count == 1 { line(styled("36", "▸ " + words.turn(data))) }
    }

    private mutating func show(_ token: TokenData) {
        let text: String
        switch ledger.take(token) {
        case .nothing: return
        case .more(let more): text = more
        case .again(let more):
            if turns.first?.data.step == token.step {
                line(styled("33", "↻ \(Printable.line(token.agent)) begins again"))
            }
            text = more
        }
        if let index = turns.firstIndex(where: { $0.data.step == token.step }), index > 0 {
            if turns[index].text.utf8.count < Self.held { turns[index].text += text }
        } else {
            piece(text)
        }
    }

    private mutating func complete(_ data: TurnData) {
        guard let index = turns.firstIndex(where: { $0.data.step == data.step }) else {
            return line(styled("32", "✓ \(Printable.line(data.agent)) · \(words.figures(data))"))
        }
        turns[index].data = data
        turns[index].isDone = true
        while let turn = turns.first, turn.isDone {
            let name = Printable.line(turn.data.agent)
            line(styled("32", "✓ \(name) · \(words.figures(turn.data))"))
            turns.removeFirst()
            if let next = turns.first {
                line(styled("36", "▸ " + words.turn(next.data)))
                piece(next.text)
            }
        }
    }

    // MARK: The screen

    private mutating func piece(_ text: String) {
        let clean = Printable.text(text)
        guard let last = clean.last else { return }
        Terminal.piece(styled("2", clean))
        isAtLineStart = last.isNewline
    }

    private mutating func line(_ text: String) {
        if !isAtLineStart { Terminal.out("") }
        Terminal.out(text)
        isAtLineStart = true
    }

    private func bar(_ percent: Int) -> String {
        let full = percent / 5
        return String(repeating: "█", count: full) + String(repeating: "░", count: 20 - full)
    }

    private func styled(_ code: String, _ text: String) -> String {
        hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
