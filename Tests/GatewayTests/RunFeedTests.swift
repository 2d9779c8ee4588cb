import Contracts
import Curl
import Fakes
import MeshContract
import Synchronization
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

    /// Somebody who watches, and what it was woken with.
    private final class Watcher: Sendable {
        private let heard = Mutex<[String]>([])
        private let turn = Mutex<RunFeed.Turn?>(nil)

        var all: [String] { heard.withLock { $0 } }
        var asked: RunFeed.Turn? { turn.withLock { $0 } }

        func step(_ feed: RunFeed, from place: Int) -> String {
            let step = feed.step(from: place, of: ObjectIdentifier(self)) { [self] why in
                switch why {
                case .news: heard.withLock { $0.append("news") }
                case .beat: heard.withLock { $0.append("beat") }
                case .ask(let turn):
                    heard.withLock { $0.append("ask") }
                    self.turn.withLock { $0 = turn }
                }
            }
            switch step {
            case .write(let pieces, let next): return "write \(pieces.count), next \(next)"
            case .behind: return "behind"
            case .ask(let turn):
                self.turn.withLock { $0 = turn }
                return "ask \(turn.cursor.after)"
            case .over: return "over"
            case .parked: return "parked"
            }
        }
    }

    @Test("one watcher asks for all, the others are woken once; when it goes another asks")
    func turns() throws {
        let feed = RunFeed(ringBytes: 10_000)
        feed.begin(NewsCursor(after: 4))
        let watchers = (0..<4).map { _ in Watcher() }
        #expect(watchers[0].step(feed, from: 0) == "ask 4")
        for other in watchers[1...] { #expect(other.step(feed, from: 0) == "parked") }
        #expect(feed.dismiss(ObjectIdentifier(watchers[3])))
        #expect(!feed.dismiss(ObjectIdentifier(watchers[3])))
        try #require(watchers[0].asked).feed.abdicate()
        let next = try #require(watchers[1...2].first { $0.asked != nil })
        #expect(next.all == ["ask"])
        let last = try #require(watchers[1...2].first { $0.asked == nil })
        feed.publish(Self.news([Self.event(5), Self.event(6)]))
        #expect(last.all == ["news"])
        #expect(next.all == ["ask"])
        #expect(watchers[3].all == [])
        #expect(last.step(feed, from: 0) == "write 2, next 2")
        #expect(last.step(feed, from: 2) == "ask 6")
        #expect(next.step(feed, from: 2) == "parked")
        feed.publish(Self.news([Self.event(6)]))
        #expect(next.all == ["ask", "beat"])
    }

    @Test("who is too slow for the ring is told so; what is over is over")
    func ring() {
        let feed = RunFeed(ringBytes: 200)
        feed.begin(NewsCursor(after: 0))
        let watcher = Watcher()
        for number in 1...20 { feed.publish(Self.news([Self.event(Int64(number))])) }
        #expect(watcher.step(feed, from: 0) == "behind")
        #expect(watcher.step(feed, from: 19) == "write 1, next 20")
        feed.publish(Self.news(ended: true))
        #expect(feed.isEnded)
        #expect(watcher.step(feed, from: 20) == "write 1, next 21")
        #expect(watcher.step(feed, from: 21) == "over")
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
