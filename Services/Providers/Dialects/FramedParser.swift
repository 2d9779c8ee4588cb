/// What a dialect makes of each message of its stream.
protocol MessageReader: Sendable {
    associatedtype Message
    /// True after the dialect's own last message.
    var isDone: Bool { get }
    mutating func read(
        _ message: Message, into deltas: inout [ChatDelta]
    ) throws(UpstreamFailure)
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

    init(_ framing: Frames, _ reader: Reader) {
        self.framing = framing
        self.reader = reader
    }

    var isFinished: Bool { reader.isDone || failure != nil }

    mutating func feed(_ bytes: [UInt8]) throws(UpstreamFailure) -> [ChatDelta] {
        if let failure { throw failure }
        guard !reader.isDone, !bytes.isEmpty else { return [] }
        sawBytes = true
        var deltas: [ChatDelta] = []
        do throws(UpstreamFailure) {
            for frame in framing.feed(bytes) where !reader.isDone {
                sawFrame = true
                try reader.read(frame, into: &deltas)
            }
            if !reader.isDone, let broken = framing.failure { throw broken }
        } catch {
            failure = error
            if deltas.isEmpty { throw error }
        }
        return deltas
    }

    mutating func end() throws(UpstreamFailure) -> [ChatDelta] {
        if let failure { throw failure }
        guard !reader.isDone else { return [] }
        var deltas: [ChatDelta] = []
        if let last = framing.rest() {
            try readLast(last, into: &deltas)
        }
        if reader.isDone { return deltas }
        let error: UpstreamFailure =
            sawBytes && !sawFrame
            ? .garbage("the reply is not a stream of this dialect") : .truncated
        failure = error
        throw error
    }

    /// Half a message is a truncated stream, not a broken one.
    private mutating func readLast(
        _ frame: Frames.Frame, into deltas: inout [ChatDelta]
    ) throws(UpstreamFailure) {
        do throws(UpstreamFailure) {
            try reader.read(frame, into: &deltas)
        } catch {
            let cut = error.kind == .garbage
            failure = cut && sawFrame ? .truncated : error
            if let failure { throw failure }
        }
    }
}
