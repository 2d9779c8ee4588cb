import EventStream
import Console

/// One plain line an event, for a pipe or a log; the agents' text only when asked for.
struct LineView: RunView {
    let words: RunWords
    let isVerbose: Bool
    private var ledger = TextLedger()
    private var lines: [String: LineSplitter] = [:]

    init(words: RunWords, isVerbose: Bool) { (self.words, self.isVerbose) = (words, isVerbose) }

    mutating func show(_ event: RunEvent, _: ServerSentEvent, _ tally: RunTally) {
        switch event {
        case .runStarted: Terminal.out("started")
        case .roundStarted(let number): Terminal.out(words.round(number))
        case .turnStarted(let turn): Terminal.out("turn: \(words.turn(turn))")
        case .turnCompleted(let turn):
            if let step = turn.step, var left = lines.removeValue(forKey: step),
                let rest = left.finish()
            {
                say(turn.agent, rest)
            }
            Terminal.out("done: \(Printable.line(turn.agent)) · \(words.figures(turn))")
        case .roundCompleted(let data):
            Terminal.out("\(words.round(data.round)): \(words.result(data, tally))")
        case .documentStored(let data): Terminal.out("stored: \(data.artifactID)")
        case .ended(let end): Terminal.out(words.end(end))
        case .token(let token): if isVerbose { show(token) }
        case .gateOpened, .referencesCut, .critiqueMerged, .documentChanged:
            if let note = words.note(on: event) { Terminal.out(note) }
        case .end, .other: break
        }
    }

    mutating func note(_ text: String) { Terminal.error(Printable.line(text, limit: 300)) }

    private mutating func show(_ token: TokenData) {
        switch ledger.take(token) {
        case .nothing: return
        case .again(let text):
            Terminal.out("again: \(Printable.line(token.agent)), attempt \(token.attempt)")
            lines[token.step] = LineSplitter()
            feed(token, text)
        case .more(let text): feed(token, text)
        }
    }

    private mutating func feed(_ token: TokenData, _ text: String) {
        for line in lines[token.step, default: LineSplitter()].feed(text.utf8) {
            say(token.agent, line)
        }
    }

    private func say(_ agent: String, _ line: String) {
        Terminal.out("  \(Printable.line(agent, limit: 80)) | \(Printable.text(line))")
    }
}
