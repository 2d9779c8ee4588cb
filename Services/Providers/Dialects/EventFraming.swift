import EventStream

/// Server-sent events as the frames of a reply. Identifiers and times for reconnecting mean nothing
/// here: nobody reconnects to a reply.
struct EventFraming: Framing {
    private var parser: EventStreamParser

    init(limits: FrameLimits = FrameLimits()) {
        parser = EventStreamParser(
            limits: EventStreamParser.Limits(line: limits.lineBytes, message: limits.eventBytes))
    }

    var failure: UpstreamFailure? {
        switch parser.overflow {
        case nil: nil
        case .line?: .garbage("a line of the reply is too long")
        case .message?: .garbage("an event of the reply is too long")
        }
    }

    mutating func feed(_ bytes: [UInt8]) -> [ServerSentEvent] { parser.feed(bytes) }

    mutating func rest() -> ServerSentEvent? { nil }
}
