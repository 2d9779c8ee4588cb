import Console

/// Every event as the gateway sent it, one JSON object a line; text in progress only when asked for.
struct JSONView: RunView {
    let isVerbose: Bool

    mutating func show(_ event: RunEvent, _ raw: ServerEvent, _: RunTally) {
        switch event {
        case .token: if isVerbose { Terminal.out("{\"type\":\"token\",\"data\":\(raw.data)}") }
        case .end: break
        default: Terminal.out(raw.data.replacing("\n", with: " "))
        }
    }

    mutating func note(_ text: String) { Terminal.error(Printable.line(text, limit: 300)) }
}

/// Nothing but what went wrong.
struct QuietView: RunView {
    mutating func show(_: RunEvent, _: ServerEvent, _: RunTally) {}
    mutating func note(_ text: String) { Terminal.error(Printable.line(text, limit: 300)) }
}
