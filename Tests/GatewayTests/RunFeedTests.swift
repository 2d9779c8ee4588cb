import Contracts
import Curl
import Fakes
import MeshContract
import Testing
import Testkit

@testable import GatewayService

@Suite("Feeds of runs", .timeLimit(.minutes(1)))
struct RunFeedTests {
    private static func event(
        _ number: Int64, _ type: String = "x", step: String? = nil
    ) -> Orchestrator.Event {
        Orchestrator.Event(seq: number, type: type, at: 0, step: step, data: "{}")
    }

    private static func text(
        _ offset: Int, _ text: String, attempt: Int = 1, step: String = "s"
    ) -> Orchestrator.TextPiece {
        Orchestrator.TextPiece(
            step: step, attempt: attempt, agent: "a", offset: offset, text: text,
            leftProviderAt: 0)
    }

    private static func news(
        _ events: [Orchestrator.Event] = [], _ texts: [Orchestrator.TextPiece] = [],
        ended: Bool = false
    ) -> Orchestrator.News {
        Orchestrator.News(
            events: events, texts: texts, state: ended ? "completed" : "running", isEnded: ended)
    }

    /// What a cursor makes of pieces, in words.
    private static func told(_ cursor: inout NewsCursor, _ news: Orchestrator.News) -> [String] {
        NewsPiece.all(of: news).map { piece in
            switch cursor.take(piece) {
            case .gap: return "gap"
            case .known: return "known"
            case .new(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                return String(text.split(separator: "\n")[0])
            }
        }
    }

    @Test("events come once and in order; what is missing shows")
    func events() {
        var cursor = NewsCursor(after: 2)
        let first = Self.news([Self.event(2), Self.event(3), Self.event(5), Self.event(4)])
        #expect(Self.told(&cursor, first) == ["known", "id: 3", "gap", "id: 4"])
        #expect(Self.told(&cursor, Self.news(ended: true)) == ["event: end"])
        #expect(cursor.isEnded)
    }

    @Test("of a text every byte comes once, whatever pieces overlap")
    func texts() {
        var cursor = NewsCursor(after: 0)
        func take(_ piece: Orchestrator.TextPiece) -> String {
            guard case .new(let bytes) = cursor.take(NewsPiece(piece)) else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(cursor.take(NewsPiece(Self.text(3, "lo"))) == .gap)
        #expect(take(Self.text(0, "")).contains(#""text":"""#))
        #expect(cursor.take(NewsPiece(Self.text(0, ""))) == .known)
        #expect(take(Self.text(0, "Grü")).contains(#""text":"Grü""#))
        #expect(take(Self.text(0, "Grüße")).contains(#""offset":4,"text":"ße""#))
        #expect(cursor.take(NewsPiece(Self.text(4, "ße"))) == .known)
        #expect(take(Self.text(0, "neu", attempt: 2)).contains(#""text":"neu""#))
        #expect(cursor.take(NewsPiece(Self.text(7, "!", attempt: 1))) == .known)
    }

    @Test("a step's text stands before the event that ends it")
    func order() {
        var cursor = NewsCursor(after: 0)
        let news = Self.news(
            [Self.event(1, "turn.completed", step: "s"), Self.event(2)],
            [Self.text(0, "new", step: "t"), Self.text(0, "old")])
        let told = Self.told(&cursor, news)
        #expect(told == ["event: token", "id: 1", "id: 2", "event: token"])
    }

    @Test("one watcher asks for all; when it goes another does; all are woken with the same bytes")
    func turns() async {
        let feed = RunFeed(ringBytes: 10_000)
        feed.begin(NewsCursor(after: 0))
        guard case .ask = await feed.step(from: 0) else {
            Issue.record("nobody asks")
            return
        }
        let other = Task { await feed.step(from: 0) }
        // It takes the turn of the one that goes, whether it waits already or comes later.
        feed.abdicate()
        guard case .ask = await other.value else {
            Issue.record("nobody asks any more")
            return
        }
        let waiting = (0..<3).map { _ in Task { await feed.step(from: 0) } }
        feed.publish(Self.news([Self.event(1)]))
        for one in waiting {
            // Who came after the news asks for more, or is told at once.
            switch await one.value {
            case .write(let pieces, let next): #expect(pieces.count == 1 && next == 1)
            default: Issue.record("it is not told")
            }
        }
        feed.publish(Self.news([Self.event(1), Self.event(2)]))
        guard case .write(let pieces, next: 2) = await feed.step(from: 0) else {
            Issue.record("the ring is empty")
            return
        }
        #expect(pieces.count == 2)
    }

    @Test("who is too slow for the ring is told so; what is over is over")
    func ring() async {
        let feed = RunFeed(ringBytes: 200)
        feed.begin(NewsCursor(after: 0))
        for number in 1...20 { feed.publish(Self.news([Self.event(Int64(number))])) }
        guard case .behind = await feed.step(from: 0) else {
            Issue.record("20 events in 200 bytes")
            return
        }
        guard case .write(let pieces, next: 20) = await feed.step(from: 19) else {
            Issue.record("the last is gone")
            return
        }
        #expect(pieces.count == 1)
        feed.publish(Self.news(ended: true))
        #expect(feed.isEnded)
        guard case .over = await feed.step(from: 21) else {
            Issue.record("an ended feed goes on")
            return
        }
    }

    @Test("a watcher that is cancelled stops waiting, before and after it began to")
    func cancelled() async {
        let feed = RunFeed(ringBytes: 200)
        feed.begin(NewsCursor(after: 0))
        guard case .ask = await feed.step(from: 0) else {
            Issue.record("nobody asks")
            return
        }
        for _ in 0..<50 {
            let waiting = Task { await feed.step(from: 0) }
            if Bool.random() { await Task.yield() }
            waiting.cancel()
            guard case .cancelled = await waiting.value else {
                Issue.record("it was told something")
                return
            }
        }
    }

    @Test("so many runs are followed and no more, and each user's apart")
    func limit() throws {
        let feeds = RunFeeds(most: 2, ringBytes: 100)
        let one = try feeds.enter(user: "u", run: "r")
        #expect(try feeds.enter(user: "u", run: "r") === one)
        let other = try feeds.enter(user: "v", run: "r")
        #expect(other !== one)
        #expect(throws: Fault.self) { try feeds.enter(user: "w", run: "r") }
        feeds.leave(one, user: "u", run: "r")
        #expect(feeds.count == 2)
        feeds.leave(one, user: "u", run: "r")
        #expect(feeds.count == 1)
        other.publish(Self.news(ended: true))
        #expect(try feeds.enter(user: "v", run: "r") !== other)
    }

    @Test("many watchers of a run are one question, and each sees all")
    func many() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        rig.providers.release(0)
        let id = try await rig.makeSession(as: token)
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        var readers: [EventReader] = []
        for _ in 0..<12 { readers.append(try await rig.stream(id, as: token)) }
        for reader in readers { _ = try await reader.until("turn.started") }
        #expect(await soon { rig.orchestrator.follows == 1 })
        // The one that asks is likely the first; another takes its place.
        readers.removeFirst().stream.cancel()
        #expect(await soon { rig.orchestrator.follows == 1 })
        rig.providers.release(nil)
        var seen: Set<[Int64]> = []
        for reader in readers {
            let events = try await reader.all()
            #expect(events.last?.type == "end")
            seen.insert(events.compactMap(\.id))
        }
        #expect(seen.count == 1)
        #expect(await soon { rig.orchestrator.follows == 0 })
    }
}
