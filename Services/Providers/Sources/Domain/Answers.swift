import Contracts
import MeshContract
import Synchronization

/// The answers in memory: all that are being written, and the last ones that have ended.
final class Answers: Sendable {
    /// A place among the answers that are written at once; given back when it is let go.
    final class Slot: Sendable {
        private let answers: Answers
        private let place: Place

        fileprivate init(_ answers: Answers, _ place: Place) {
            (self.answers, self.place) = (answers, place)
        }

        deinit { _ = answers.state.withLock { $0.slots.remove(place) } }
    }

    fileprivate struct Place: Hashable {
        var key: String
        var attempt: Int
    }

    /// One answer to be written.
    struct Work: Sendable {
        let live: LiveAnswer
        let request: Providers.Generate
    }

    private struct State {
        var slots: Set<Place> = []
        var all: [String: LiveAnswer] = [:]
        /// Keys of ended answers, the one used last at the end.
        var ended: [String] = []
        var endedBytes = 0
        var isStopping = false
    }

    static let mostEnded = 256
    static let mostEndedBytes = 32 << 20

    /// What is to be written, for the job that does it. Bounded by the slots.
    let work: AsyncStream<Work>
    let alarms: Alarms
    private let submit: AsyncStream<Work>.Continuation
    private let limit: Int
    private let state = Mutex(State())

    /// `limit` is the most answers that are written at once.
    init(limit: Int, alarms: Alarms) {
        (self.limit, self.alarms) = (limit, alarms)
        (work, submit) = AsyncStream.makeStream()
    }

    /// Takes a place for an attempt, or refuses at once.
    func slot(_ key: String, attempt: Int) throws(Fault) -> Slot {
        let place = Place(key: key, attempt: attempt)
        try state.withLock { state throws(Fault) in
            guard !state.isStopping else { throw Fault(.unavailable, "the service is stopping") }
            guard state.slots.count < limit else {
                throw Fault(.overloaded, "\(limit) answers are being written already")
            }
            state.slots.insert(place)
        }
        return Slot(self, place)
    }

    /// Begins an answer, in place of an earlier attempt.
    func begin(
        _ info: Providers.StreamInfo, digest: String, request: Providers.Generate, slot: Slot
    ) {
        let live = LiveAnswer(info, digest: digest, slot: slot, alarms: alarms)
        let (isStopping, earlier) = state.withLock { state in
            let earlier = Self.forget(info.key, &state)
            state.all[info.key] = live
            return (state.isStopping, earlier)
        }
        withExtendedLifetime(earlier) {}  // let go here: its slot takes the lock
        if isStopping { live.interrupt(.stopped) }
        submit.yield(Work(live: live, request: request))
    }

    func find(_ key: String) -> LiveAnswer? {
        state.withLock { state in
            if let at = state.ended.firstIndex(of: key) {
                state.ended.append(state.ended.remove(at: at))
            }
            return state.all[key]
        }
    }

    /// True from when an attempt has its place until it has ended: even before its row is
    /// committed, since transactions of one commit see each other's rows.
    func isWriting(_ key: String, attempt: Int) -> Bool {
        state.withLock { $0.slots.contains(Place(key: key, attempt: attempt)) }
    }

    /// Keeps an ended answer for its readers, at the cost of older ones.
    func keep(_ live: LiveAnswer) {
        let (key, bytes) = (live.info.key, live.figures.bytes)
        state.withLock { state in
            if let other = state.all[key], other !== live {
                // A newer attempt has begun, or another reader was first.
                guard other.end != nil, other.info.attempt <= live.info.attempt else { return }
                Self.forget(key, &state)
            }
            guard !state.ended.contains(key) else { return }
            state.all[key] = live
            state.ended.append(key)
            state.endedBytes += bytes
            while state.ended.count > Self.mostEnded || state.endedBytes > Self.mostEndedBytes,
                let oldest = state.ended.first
            {
                Self.forget(oldest, &state)
            }
        }
    }

    /// Drops an answer whose row could not be written.
    func drop(_ live: LiveAnswer) {
        state.withLock { state in
            guard state.all[live.info.key] === live else { return }
            Self.forget(live.info.key, &state)
        }
    }

    @discardableResult
    private static func forget(_ key: String, _ state: inout State) -> LiveAnswer? {
        guard let live = state.all.removeValue(forKey: key) else { return nil }
        guard let at = state.ended.firstIndex(of: key) else { return live }
        state.ended.remove(at: at)
        state.endedBytes -= live.figures.bytes
        return live
    }

    /// Takes no more work and asks all that are being written to end.
    func stop() {
        let all = state.withLock { state in
            state.isStopping = true
            return Array(state.all.values)
        }
        for live in all where live.end == nil { live.interrupt(.stopped) }
        submit.finish()
    }
}
