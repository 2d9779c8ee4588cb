import Contracts
import EventLoop
import HTTP
import Mesh
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
        var cursor: NewsCursor
        /// Where it is in its feed's ring.
        var place = 0
        var feed: RunFeed?
        var writer: ResponseWriter?
        var ended: (@Sendable () -> Void)?
        var isStopping = false
    }

    private struct Slow: Error {}

    /// How long one question to the orchestrator waits for news; also the keep-alive's pace.
    private static let wait = 15_000
    /// Of one question that does not wait.
    private static let patience = Duration.seconds(5)
    private static let beat = Array(": still here\n\n".utf8)

    private let mesh: MeshClient
    private let feeds: RunFeeds
    private let user: String
    private let run: String
    /// How long the client may take for what is written at once.
    private let slowest: Duration
    private let state: Mutex<State>

    init(
        mesh: MeshClient, feeds: RunFeeds, user: String, run: String, after: Int64,
        slowest: Duration
    ) {
        (self.mesh, self.feeds, self.user, self.run) = (mesh, feeds, user, run)
        self.slowest = slowest
        state = Mutex(State(cursor: NewsCursor(after: after)))
    }

    private var me: ObjectIdentifier { ObjectIdentifier(self) }

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
        let (writer, feed) = state.withLock { state in
            state.isStopping = true
            return (state.writer, state.feed)
        }
        guard let writer else { return }
        // In its task it hears of it by being cancelled, and on the loop before it parks.
        if feed?.dismiss(me) == true {
            writer.resume { [self] in await work(writer) }
        } else {
            writer.cancelHandler()
        }
    }

    /// Once, whatever the end is.
    private func leave() {
        let (feed, ended) = state.withLock { state in
            defer { (state.feed, state.ended, state.writer) = (nil, nil, nil) }
            return (state.feed, state.ended)
        }
        if let feed {
            feed.dismiss(me)
            feeds.leave(feed, user: user, run: run)
        }
        ended?()
    }

    // MARK: On the loop

    private func wake(_ why: RunFeed.Wake, _ writer: ResponseWriter) {
        writer.onLoop { [self] in
            switch why {
            case .ask(let turn):
                guard !writer.isClosed else { return turn.feed.abdicate() }
                writer.resume { [self] in await work(writer) { try await ask(turn, writer) } }
            case .beat:
                if writer.push(Self.beat) { pass(to: writer) } else { catchBreath(writer) }
            case .news: pass(to: writer)
            }
        }
    }

    /// Passes on what there is, as far as that needs no waiting.
    private func pass(to writer: ResponseWriter) {
        while let step = step(writer) {
            guard case .write(let pieces, let next) = step else {
                if case .parked = step { return }
                return writer.resume { [self] in await work(writer) { try await act(step, writer) }
                }
            }
            let (bytes, isWhole) = take(pieces, next)
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
            if isEnded { return writer.resume { [self] in await work(writer) } }
        }
    }

    /// The client takes nothing at the moment; what it misses is in the ring.
    private func catchBreath(_ writer: ResponseWriter) {
        writer.resume { [self] in await work(writer) { try await put(Self.beat, writer) } }
    }

    private var isEnded: Bool { state.withLock { $0.cursor.isEnded } }

    /// nil when it is over, or to be.
    private func step(_ writer: ResponseWriter) -> RunFeed.Step? {
        let (feed, place) = state.withLock { ($0.feed, $0.place) }
        guard let feed else { return nil }
        let step = feed.step(from: place, of: me) { [weak self] why in
            if let self { return wake(why, writer) }
            if case .ask(let turn) = why { turn.feed.abdicate() }
        }
        guard case .parked = step else { return step }
        // What came between is not to be slept through.
        let (isOver, isStopping) = state.withLock { ($0.feed == nil, $0.isStopping) }
        guard isOver || isStopping else { return step }
        if feed.dismiss(me), isStopping { writer.resume { [self] in await work(writer) } }
        return step
    }

    private func take(_ pieces: [NewsPiece], _ next: Int) -> (bytes: [UInt8], isWhole: Bool) {
        state.withLock { state in
            state.place = next
            var out: [UInt8] = []
            for piece in pieces {
                switch state.cursor.take(piece) {
                case .new(let bytes): out += bytes
                case .known: continue
                case .gap: return (out, false)
                }
            }
            return (out, true)
        }
    }

    // MARK: In a task

    /// Does `first`, then what else has to be waited for, until it can be parked or has ended.
    private func work(
        _ writer: ResponseWriter, _ first: () async throws -> Void = {}
    ) async {
        do {
            try await first()
            while !isEnded {
                guard !state.withLock({ $0.isStopping }) else { throw CancellationError() }
                if state.withLock({ $0.feed == nil }) { try await enter(writer) }
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
        switch step {
        case .write(let pieces, let next):
            let (bytes, isWhole) = take(pieces, next)
            try await put(bytes, writer)
            if !isWhole { try await catchUp(writer) }
        case .behind: try await catchUp(writer)
        case .ask(let turn): try await ask(turn, writer)
        case .over: exchangeFeed(for: nil)
        case .parked: break
        }
    }

    /// The last event of a stream that is to be taken up again, and when. Clients come back spread
    /// over some time.
    private func part(_ reason: String, from writer: ResponseWriter) async {
        guard !writer.isClosed else { return }
        let (wait, after) = (Int.random(in: 500...2_500), state.withLock { $0.cursor.after })
        let text =
            "event: reconnect\nretry: \(wait)\n"
            + "data: {\"seq\":\(after),\"reason\":\"\(reason)\"}\n\n"
        _ = try? await writer.write(Array(text.utf8))
        _ = try? await writer.finish()
    }

    private func put(_ bytes: [UInt8], _ writer: ResponseWriter) async throws {
        guard !bytes.isEmpty else { return }
        let began = monotonic()
        try await writer.write(bytes)
        if monotonic() - began > slowest.nanoseconds { throw Slow() }
    }

    private func enter(_ writer: ResponseWriter) async throws {
        let feed = try feeds.enter(user: user, run: run)
        exchangeFeed(for: feed)
        guard !writer.isClosed else { throw HTTPError.closed }
        feed.begin(state.withLock { $0.cursor })
        try await catchUp(writer)
    }

    private func exchangeFeed(for feed: RunFeed?) {
        let old = state.withLock { state in
            defer { (state.feed, state.place) = (feed, 0) }
            return state.feed
        }
        if let old { feeds.leave(old, user: user, run: run) }
    }

    /// Asks for what this watcher alone has missed, in large pieces, until it is where the others
    /// are.
    private func catchUp(_ writer: ResponseWriter) async throws {
        guard let feed = state.withLock({ $0.feed }) else { return }
        var place = feed.place
        // Whoever is the first needs not be told what all will be.
        if place.after == state.withLock({ $0.cursor.after }), place.next == 0 { return }
        while true {
            let news = try await question(state.withLock { $0.cursor }, wait: 0)
            if let news {
                let (bytes, _) = take(NewsPiece.all(of: news), place.next)
                try await put(bytes, writer)
                let cursor = state.withLock { $0.cursor }
                if cursor.isEnded || cursor.after >= place.after ?? 0 { return }
            }
            if news?.events.isEmpty != false { try await Task.sleep(for: .milliseconds(200)) }
            place = feed.place
        }
    }

    /// Asks in everybody's place. The others are told before this client, who may be slow.
    private func ask(_ turn: RunFeed.Turn, _ writer: ResponseWriter) async throws {
        let news: Orchestrator.News
        do {
            news = try await answer(to: turn.cursor, writer)
        } catch {
            turn.feed.abdicate()
            throw error
        }
        turn.feed.publish(news)
        if NewsPiece.isBeat(news) { try await put(Self.beat, writer) }
    }

    /// Waits for an orchestrator that is away.
    private func answer(
        to cursor: NewsCursor, _ writer: ResponseWriter
    ) async throws -> Orchestrator.News {
        var pause = Duration.milliseconds(10)
        while !writer.isClosed {
            guard !state.withLock({ $0.isStopping }) else { throw CancellationError() }
            if let news = try await question(cursor, wait: Self.wait) { return news }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
        throw HTTPError.closed
    }

    /// nil while the orchestrator is away.
    private func question(
        _ cursor: NewsCursor, wait: Int
    ) async throws -> Orchestrator.News? {
        try Task.checkCancellation()
        let question = Orchestrator.Follow(
            user: user, run: run, after: cursor.after, marks: cursor.marks, waitMilliseconds: wait)
        do {
            return try await mesh.call(question, within: Self.patience + .milliseconds(wait))
        } catch {
            try Task.checkCancellation()
            guard error.isTransient else { throw error }
            return nil
        }
    }
}
