import Synchronization

/// What a watcher of a run is told.
public enum Notice: Sendable {
    /// There may be events after the last one you have seen: read on.
    case events
    /// Shown and forgotten; it is in no journal.
    case progress(path: String, body: [UInt8])
}

/// Who is looking at which run just now.
final class Watchers: Sendable {
    /// A slow watcher loses the oldest notices, and nothing: events are read from the journal.
    private static let bufferLimit = 256

    private struct State {
        var next = 0
        var streams: [String: [Int: AsyncStream<Notice>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    func watch(_ run: String) -> AsyncStream<Notice> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Notice.self, bufferingPolicy: .bufferingNewest(Watchers.bufferLimit))
        let number = state.withLock { state in
            state.next += 1
            state.streams[run, default: [:]][state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in
                state.streams[run]?[number] = nil
                if state.streams[run]?.isEmpty == true { state.streams[run] = nil }
            }
        }
        continuation.yield(.events)  // what came before the watching is read at once
        return stream
    }

    func tell(_ run: String, _ notice: Notice) {
        let streams = state.withLock { $0.streams[run].map { Array($0.values) } ?? [] }
        for stream in streams { stream.yield(notice) }
    }

    /// The run is final: one last look, then the streams end.
    func end(_ run: String) {
        let streams = state.withLock { $0.streams.removeValue(forKey: run) ?? [:] }
        for stream in streams.values {
            stream.yield(.events)
            stream.finish()
        }
    }
}
