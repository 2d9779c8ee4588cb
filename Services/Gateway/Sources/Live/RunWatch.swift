import Contracts
import Mesh
import MeshContract
import Synchronization

/// One watcher's way through the news of one run: what it has seen, its place at the feed that all
/// watchers share, and what it asks the orchestrator for when it has missed something. How the news
/// reaches a client is the business of who holds it.
final class RunWatch: Sendable {
    typealias Put = (_ blocks: [UInt8]) async throws -> Void

    private struct State {
        var cursor: NewsCursor
        /// Where it is in its feed's ring.
        var place = 0
        var feed: RunFeed?
        var isStopping = false
    }

    /// How long one question to the orchestrator waits for news; also the keep-alive's pace.
    private static let wait = 15_000
    /// Of one question that does not wait.
    private static let patience = Duration.seconds(5)
    /// A comment of server-sent events: the client hears that we live.
    static let beat = Array(": still here\n\n".utf8)

    private let mesh: MeshClient
    private let feeds: RunFeeds
    private let user: String
    private let run: String
    private let state: Mutex<State>

    init(mesh: MeshClient, feeds: RunFeeds, user: String, run: String, after: Int64) {
        (self.mesh, self.feeds, self.user, self.run) = (mesh, feeds, user, run)
        state = Mutex(State(cursor: NewsCursor(after: after)))
    }

    private var me: ObjectIdentifier { ObjectIdentifier(self) }
    /// The run has ended, and the client has been told.
    var isEnded: Bool { state.withLock { $0.cursor.isEnded } }
    var isStopping: Bool { state.withLock { $0.isStopping } }
    /// Whether it stands at a feed.
    var isEntered: Bool { state.withLock { $0.feed != nil } }
    /// The last event that the client has.
    var after: Int64 { state.withLock { $0.cursor.after } }

    /// It is to end soon. True when it was parked, and nothing but the caller will move it any more.
    func stop() -> Bool {
        let feed = state.withLock { state in
            state.isStopping = true
            return state.feed
        }
        return feed?.dismiss(me) == true
    }

    func leave() {
        guard let feed = state.withLock({ $0.feed }) else { return }
        feed.dismiss(me)
        exchangeFeed(for: nil)
    }

    // MARK: Without waiting

    /// What is to be done next; nil when it is over, or to be. `wake` is called once after `parked`;
    /// `halted` when it would have been parked, and has been told to stop.
    func step(
        wake: @escaping @Sendable (RunFeed.Wake) -> Void, halted: () -> Void
    ) -> RunFeed.Step? {
        let (feed, place) = state.withLock { ($0.feed, $0.place) }
        guard let feed else { return nil }
        let step = feed.step(from: place, of: me, wake: wake)
        guard case .parked = step else { return step }
        // What came between is not to be slept through.
        let (isOver, isStopping) = state.withLock { ($0.feed == nil, $0.isStopping) }
        guard isOver || isStopping else { return step }
        if feed.dismiss(me), isStopping { halted() }
        return step
    }

    /// What of these the client has not seen; not whole where something before them is missing.
    func take(_ pieces: [NewsPiece], _ next: Int) -> (bytes: [UInt8], isWhole: Bool) {
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

    // MARK: With waiting

    func act(_ step: RunFeed.Step, isGone: () -> Bool, _ put: Put) async throws {
        switch step {
        case .write(let pieces, let next):
            let (bytes, isWhole) = take(pieces, next)
            try await put(bytes)
            if !isWhole { try await catchUp(put) }
        case .behind: try await catchUp(put)
        case .ask(let turn): try await ask(turn, isGone: isGone, put)
        case .over: exchangeFeed(for: nil)
        case .parked: break
        }
    }

    /// Takes its place at the run's feed. Throws `overloaded` when there are too many.
    func enter(_ put: Put) async throws {
        let feed = try feeds.enter(user: user, run: run)
        exchangeFeed(for: feed)
        feed.begin(state.withLock { $0.cursor })
        try await catchUp(put)
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
    func catchUp(_ put: Put) async throws {
        guard let feed = state.withLock({ $0.feed }) else { return }
        var place = feed.place
        // Whoever is the first needs not be told what all will be.
        if place.after == after, place.next == 0 { return }
        while true {
            let news = try await question(state.withLock { $0.cursor }, wait: 0)
            guard !isStopping else { throw CancellationError() }
            if let news {
                let (bytes, _) = take(NewsPiece.all(of: news), place.next)
                try await put(bytes)
                let cursor = state.withLock { $0.cursor }
                if cursor.isEnded || cursor.after >= place.after ?? 0 { return }
            }
            if news?.events.isEmpty != false { try await Task.sleep(for: .milliseconds(200)) }
            place = feed.place
        }
    }

    /// Asks in everybody's place. The others are told before this client, who may be slow.
    func ask(_ turn: RunFeed.Turn, isGone: () -> Bool, _ put: Put) async throws {
        let news: Orchestrator.News
        do {
            news = try await answer(to: turn.cursor, isGone: isGone)
        } catch {
            turn.feed.abdicate()
            throw error
        }
        turn.feed.publish(news)
        if NewsPiece.isBeat(news) { try await put(Self.beat) }
    }

    /// Waits for an orchestrator that is away.
    private func answer(
        to cursor: NewsCursor, isGone: () -> Bool
    ) async throws -> Orchestrator.News {
        var pause = Duration.milliseconds(10)
        while !isGone() {
            guard !isStopping else { throw CancellationError() }
            if let news = try await question(cursor, wait: Self.wait) { return news }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
        throw CancellationError()
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
