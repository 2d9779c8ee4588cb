import EventLoop
import HTTP
import MeshContract
import REST
import Synchronization

/// One watcher of one run, as server-sent events (WHATWG HTML, section 9.2).
///
/// Every event has its number as `id:`, so that a client returns with `Last-Event-ID` and misses
/// nothing. Text in progress has no number: a client that returns gets it from the beginning.
///
/// It is at one of three places at a time: parked at its feed, on its connection's loop passing on
/// what there is, or in a task, when something has to be waited for. Only the last takes a stack.
final class EventStream: WatchedBody {
    private struct State {
        var writer: ResponseWriter?
        var passes: (own: WatchPass?, shared: WatchPass?)
        var ended: (@Sendable () -> Void)?
    }

    private struct Slow: Error {}

    private let watch: RunWatch
    /// How long the client may take for what is written at once.
    private let slowest: Duration
    private let state = Mutex(State())

    init(_ watch: RunWatch, slowest: Duration) { (self.watch, self.slowest) = (watch, slowest) }

    /// What it has to hold for as long as it lasts.
    func hold(_ own: WatchPass, _ shared: WatchPass?) {
        state.withLock { $0.passes = (own, shared) }
    }

    // MARK: WatchedBody

    /// Writes until the run has ended or the client is gone. An orchestrator that is away is waited
    /// for: the client keeps its stream over a restart. Who is too slow, or watches when the gateway
    /// stops, is asked to come again.
    func begin(_ writer: ResponseWriter, ended: @escaping @Sendable () -> Void) {
        state.withLock { ($0.writer, $0.ended) = (writer, ended) }
        writer.onClose { [self] in leave() }
        writer.resume { [self] in
            await work(writer) {
                try await writer.write(Array(": atelier\nretry: 1000\n\n".utf8))
            }
        }
    }

    func stop() {
        let isParked = watch.stop()
        guard let writer = state.withLock({ $0.writer }) else { return }
        // In its task it hears of it by being cancelled, and on the loop before it parks.
        if isParked {
            writer.resume { [self] in await work(writer) }
        } else {
            writer.cancelHandler()
        }
    }

    /// Once, whatever the end is.
    private func leave() {
        // Passes are given back out of the lock.
        let (ended, passes) = state.withLock { state in
            defer { (state.ended, state.writer, state.passes) = (nil, nil, (nil, nil)) }
            return (state.ended, state.passes)
        }
        passes.own?.leave()
        passes.shared?.leave()
        watch.leave()
        ended?()
    }

    // MARK: On the loop

    private func wake(_ why: RunFeed.Wake, _ writer: ResponseWriter) {
        writer.onLoop { [self] in
            switch why {
            case .ask(let turn):
                guard !writer.isClosed else { return turn.feed.abdicate() }
                writer.resume { [self] in
                    await work(writer) {
                        try await watch.ask(turn, isGone: { writer.isClosed }) {
                            try await put($0, writer)
                        }
                    }
                }
            case .beat:
                if writer.push(RunWatch.beat) { pass(to: writer) } else { catchBreath(writer) }
            case .news: pass(to: writer)
            }
        }
    }

    /// Passes on what there is, as far as that needs no waiting.
    private func pass(to writer: ResponseWriter) {
        while let step = step(writer) {
            guard case .write(let pieces, let next) = step else {
                if case .parked = step { return }
                return writer.resume { [self] in
                    await work(writer) { try await act(step, writer) }
                }
            }
            let (bytes, isWhole) = watch.take(pieces, next)
            guard writer.push(bytes) else {
                return writer.resume { [self] in
                    await work(writer) {
                        try await put(bytes, writer)
                        if !isWhole { try await catchUp(writer) }
                    }
                }
            }
            if !isWhole {
                return writer.resume { [self] in await work(writer) { try await catchUp(writer) } }
            }
            if watch.isEnded { return writer.resume { [self] in await work(writer) } }
        }
    }

    /// The client takes nothing at the moment; what it misses is in the ring.
    private func catchBreath(_ writer: ResponseWriter) {
        writer.resume { [self] in await work(writer) { try await put(RunWatch.beat, writer) } }
    }

    private func step(_ writer: ResponseWriter) -> RunFeed.Step? {
        watch.step(
            wake: { [weak self] why in
                if let self { return wake(why, writer) }
                if case .ask(let turn) = why { turn.feed.abdicate() }
            }, halted: { writer.resume { [self] in await work(writer) } })
    }

    // MARK: In a task

    /// Does `first`, then what else has to be waited for, until it can be parked or has ended.
    private func work(
        _ writer: ResponseWriter, _ first: () async throws -> Void = {}
    ) async {
        do {
            try await first()
            while !watch.isEnded {
                guard !watch.isStopping else { throw CancellationError() }
                if !watch.isEntered {
                    guard !writer.isClosed else { throw HTTPError.closed }
                    try await watch.enter { try await put($0, writer) }
                }
                guard let step = step(writer) else { return leave() }
                if case .parked = step { return }
                try await act(step, writer)
            }
            try await writer.finish()
        } catch is Slow {
            await part("slow", from: writer)
        } catch {
            // Without a last word the answer is cut off, so that nobody takes it for whole.
            if Task.isCancelled || error is CancellationError {
                await part("stopping", from: writer)
            } else if (error as? Fault)?.code == .overloaded {
                await part("busy", from: writer)
            } else {
                writer.abort()
            }
        }
        leave()
    }

    private func act(_ step: RunFeed.Step, _ writer: ResponseWriter) async throws {
        try await watch.act(step, isGone: { writer.isClosed }) { try await put($0, writer) }
    }

    private func catchUp(_ writer: ResponseWriter) async throws {
        try await watch.catchUp { try await put($0, writer) }
    }

    /// The last event of a stream that is to be taken up again, and when. Clients come back spread
    /// over some time.
    private func part(_ reason: String, from writer: ResponseWriter) async {
        guard !writer.isClosed else { return }
        let wait = Int.random(in: 500...2_500)
        let text =
            "event: reconnect\nretry: \(wait)\n"
            + "data: {\"seq\":\(watch.after),\"reason\":\"\(reason)\"}\n\n"
        _ = try? await writer.write(Array(text.utf8))
        _ = try? await writer.finish()
    }

    private func put(_ bytes: [UInt8], _ writer: ResponseWriter) async throws {
        guard !bytes.isEmpty else { return }
        let began = monotonic()
        try await writer.write(bytes)
        if monotonic() - began > slowest.nanoseconds { throw Slow() }
    }
}
