import EventStream
import Console

/// Every event as the gateway sent it, one JSON object a line; text in progress only when asked for.
struct JSONView: RunView {
    let isVerbose: Bool

    mutating func show(_ event: RunEvent, _ raw: ServerSentEvent, _: RunTally) {
        switch event {
        case .token: if isVerbose { Terminal.out("{\"type\":\"token\",\"data\":\(raw.text)}") }
        case .end: break
        default: Terminal.out(raw.text.replacing("\n", with: " "))
        }
    }

    mutating func note(_ text: String) { Terminal.error(Printable.line(text, limit: 300)) }
}

/// Nothing but what went wrong.
struct QuietView: RunView {
    mutating func show(_: RunEvent, _: ServerSentEvent, _: RunTally) {}
    mutating func note(_ text: String) { Terminal.error(Printable.line(text, limit: 300)) }
}
