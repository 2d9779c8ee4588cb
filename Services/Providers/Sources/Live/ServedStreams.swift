import EventLoop
import Lifecycle
import MeshContract
import Synchronization

/// The answers to outside clients that are under way, whole ones and streams: so many at once.
final class ServedStreams: Sendable {
    /// Writes one answer.
    typealias Work = @Sendable () async -> Void

    private struct State {
        var count = 0
        var all: [String: ServedStream] = [:]
        var isStopping = false
    }

    private let limit: Int
    private let alarms: Alarms
    private let loop: EventLoop
    private let work: AsyncStream<Work>
    private let submit: AsyncStream<Work>.Continuation
    private let state = Mutex(State())

    init(limit: Int, alarms: Alarms, on loop: EventLoop) {
        (self.limit, self.alarms, self.loop) = (limit, alarms, loop)
        // Bounded by the places.
        (work, submit) = AsyncStream.makeStream()
    }

    /// Takes a place, which `leave` gives back; refuses at once when there is none.
    func enter() throws(Fault) {
        try state.withLock { state throws(Fault) in
            guard !state.isStopping else { throw Self.stopping }
            guard state.count < limit else {
                throw Fault(
                    .overloaded, "\(limit) requests are being answered already",
                    retryAfterMilliseconds: 1_000)
            }
            state.count += 1
        }
    }

    func leave() { state.withLock { $0.count -= 1 } }

    /// Those that are under way.
    var count: Int { state.withLock { $0.count } }

    static let stopping = Fault(
        .unavailable, "the service is stopping", retryAfterMilliseconds: 1_000)

    /// Makes an answer that is read in pieces.
    func make(_ id: String) throws(Fault) -> ServedStream {
        let stream = ServedStream(id, alarms: alarms) { [weak self] in self?.forget($0) }
        try state.withLock { state throws(Fault) in
            guard !state.isStopping else { throw Self.stopping }
            state.all[id] = stream
        }
        return stream
    }

    /// Has it written by a task of its own.
    func write(_ body: @escaping Work) throws(Fault) {
        if case .terminated = submit.yield(body) { throw Self.stopping }
    }

    func find(_ id: String) throws(Fault) -> ServedStream {
        guard let stream = state.withLock({ $0.all[id] }) else {
            throw Fault(.notFound, "there is no such answer, or it was given up")
        }
        return stream
    }

    func forget(_ stream: ServedStream) {
        state.withLock { $0.all[stream.id] = nil }
    }

    /// Told to stop, it has every stream end with a word of that.
    var job: Running { Running("serving", run: run, stop: { [self] in stop() }) }

    private func run() async {
        await withDiscardingTaskGroup { group in
            for await body in work {
                group.addTask(executorPreference: loop) { await body() }
            }
        }
    }

    func stop() {
        let all = state.withLock { state in
            state.isStopping = true
            return Array(state.all.values)
        }
        for stream in all { stream.interrupt(.stopped) }
        submit.finish()
    }
}
