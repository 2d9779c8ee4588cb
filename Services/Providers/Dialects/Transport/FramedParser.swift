/// What a dialect makes of each message of its stream.
protocol MessageReader: Sendable {
    associatedtype Message
    /// True after the dialect's own last message: nothing more is read.
    var isDone: Bool { get }
    mutating func read(
        _ message: Message, into events: inout [ModelEvent]
    ) throws(UpstreamFailure)
    /// The stream has ended without a last message. True if the reply was whole even so, as in
    /// dialects that have none.
    mutating func end(into events: inout [ModelEvent]) throws(UpstreamFailure) -> Bool
}

extension MessageReader {
    mutating func end(into events: inout [ModelEvent]) throws(UpstreamFailure) -> Bool { false }
}

/// The part that all streamed replies share: cutting, ending, and failing at the same place
/// however the bytes were cut.
struct FramedParser<Frames: Framing, Reader: MessageReader>: StreamParser
where Frames.Frame == Reader.Message {
    private var framing: Frames
    private var reader: Reader
    private var failure: UpstreamFailure?
    private var sawBytes = false
    private var sawFrame = false
    private var hasEnded = false

    init(_ framing: Frames, _ reader: Reader) {
        self.framing = framing
        self.reader = reader
    }

    var isFinished: Bool { reader.isDone || failure != nil || hasEnded }

    mutating func feed(_ bytes: [UInt8]) throws(UpstreamFailure) -> [ModelEvent] {
        if let failure { throw failure }
        guard !reader.isDone, !hasEnded, !bytes.isEmpty else { return [] }
        sawBytes = true
        var events: [ModelEvent] = []
        do throws(UpstreamFailure) {
            for frame in framing.feed(bytes) where !reader.isDone {
                sawFrame = true
                try reader.read(frame, into: &events)
            }
            if !reader.isDone, let broken = framing.failure { throw broken }
        } catch {
            failure = error
            if events.isEmpty { throw error }
        }
        return events
    }

    mutating func end() throws(UpstreamFailure) -> [ModelEvent] {
        if let failure { throw failure }
        guard !reader.isDone, !hasEnded else { return [] }
        hasEnded = true
        var events: [ModelEvent] = []
        if let last = framing.rest() {
            try readLast(last, into: &events)
        }
        if reader.isDone { return events }
        if sawFrame, try reader.end(into: &events) { return events }
        throw keep(framing.strangeness(sawFrame: sawFrame, sawBytes: sawBytes) ?? .truncated)
    }

    private mutating func keep(_ error: UpstreamFailure) -> UpstreamFailure {
        failure = error
        return error
    }

    /// Half a message is a truncated stream, not a broken one.
    private mutating func readLast(
        _ frame: Frames.Frame, into events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        do throws(UpstreamFailure) {
            try reader.read(frame, into: &events)
        } catch {
            throw keep(error.kind == .garbage && sawFrame ? .truncated : error)
        }
    }
}
