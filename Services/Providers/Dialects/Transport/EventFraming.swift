import EventStream

/// Server-sent events as the frames of a reply. Identifiers and times for reconnecting mean nothing
/// here: nobody reconnects to a reply.
struct EventFraming: Framing {
    private var parser: EventStreamParser
    private var bytes = 0
    private let limits: FrameLimits
    private let errorKind: @Sendable (ErrorBody) -> UpstreamFailure.Kind?
    /// The beginning of what was sent since the last event: some servers send an error as a plain
    /// body where a stream was due, or after it.
    private var tail: [UInt8] = []

    private static let longestTail = 64 << 10

    init(
        limits: FrameLimits = FrameLimits(),
        errorKind: @escaping @Sendable (ErrorBody) -> UpstreamFailure.Kind? = { _ in nil }
    ) {
        self.limits = limits
        self.errorKind = errorKind
        parser = EventStreamParser(
            limits: EventStreamParser.Limits(line: limits.lineBytes, message: limits.eventBytes))
    }

    var failure: UpstreamFailure? {
        if bytes > limits.streamBytes { return .garbage("the reply is too long") }
        return switch parser.overflow {
        case nil: nil
        case .line?: .garbage("a line of the reply is too long")
        case .message?: .garbage("an event of the reply is too long")
        }
    }

    mutating func feed(_ bytes: [UInt8]) -> [ServerSentEvent] {
        self.bytes += bytes.count
        guard self.bytes <= limits.streamBytes else { return [] }
        let events = parser.feed(bytes)
        if !events.isEmpty { tail.removeAll(keepingCapacity: true) }
        if tail.count < Self.longestTail {
            // Where the last event ended within these bytes is not known; an error body is looked
            // for from its first brace on.
            tail += bytes.suffix(Self.longestTail - tail.count)
        }
        return events
    }

    mutating func rest() -> ServerSentEvent? { nil }

    func strangeness(sawFrame: Bool, sawBytes: Bool) -> UpstreamFailure? {
        if let error = plainError { return UpstreamFailure(inStream: error, kind: errorKind) }
        return sawBytes && !sawFrame ? .garbage("the reply is not a stream of this dialect") : nil
    }

    /// An error that stands in lines of its own at the end.
    private var plainError: ErrorBody? {
        var line = tail.startIndex
        while line < tail.endIndex {
            if tail[line] == 0x7B || tail[line] == 0x5B,
                let value = try? JSONValue(parsing: Array(tail[line...]), limits: .event),
                let error = ErrorBody(value)
            {
                return error
            }
            guard let next = tail[line...].firstIndex(of: 0x0A) else { return nil }
            line = next + 1
        }
        return nil
    }
}
