import Log
import MeshContract
import Synchronization
import Testing

@testable import Mesh

/// A service's log, followed by another one.
@Suite("Feeds", .timeLimit(.minutes(1)))
struct FeedTests {
    @Test("everything is taken once, whatever becomes of the hints")
    func hints() async throws {
        let rig = try FeedRig()
        let reader = Task { try await rig.feed.run() }
        defer { reader.cancel() }
        try await rig.hear()
        // Lost: no word of the first two. Sent twice. Late, and out of order.
        rig.owner.append(2)
        rig.owner.append(3)
        rig.publish(5)
        #expect(await eventually { rig.consumer.taken == Array(1...5) })
        for last in [5, 5, 3, 1, 4] { rig.publish(Int64(last)) }
        rig.owner.append(2)
        rig.publish(7)
        rig.publish(6)
        #expect(await eventually { rig.consumer.taken == Array(1...7) })
        #expect(await eventually { rig.feed.status.stale >= 6 })
        #expect(rig.feed.status.jumps >= 1)
        #expect(rig.feed.status.cursor == 7)
    }

    @Test("what was written while nobody listened is taken at the start")
    func start() async throws {
        let rig = try FeedRig()
        rig.owner.append(1_203)
        let reader = Task { try await rig.feed.run() }
        defer { reader.cancel() }
        #expect(await eventually { rig.consumer.taken.count == 1_203 })
        #expect(rig.consumer.taken == Array(1...1_203))
        #expect(rig.owner.asked.prefix(3) == [0, 500, 1_000])
    }

    @Test("hints that are all lost are made up for by the clock")
    func clock() async throws {
        let rig = try FeedRig(pause: .milliseconds(20))
        let reader = Task { try await rig.feed.run() }
        defer { reader.cancel() }
        for round in 1...3 {
            rig.owner.append(1)
            #expect(await eventually { rig.consumer.taken.count == round })
        }
    }

    @Test("an owner that is gone and comes back is read on, without waiting for the clock")
    func restart() async throws {
        let rig = try FeedRig()
        let reader = Task { try await rig.feed.run() }
        defer { reader.cancel() }
        try await rig.hear()
        await rig.stop()
        rig.owner.append(4)  // written, and the hint lost with its publisher
        try await rig.start()
        // Being connected again is reason enough to look.
        #expect(await eventually { rig.consumer.taken == Array(1...4) })
    }

    @Test("a hint that fails to be followed is followed later")
    func failing() async throws {
        let rig = try FeedRig(pause: .milliseconds(30))
        rig.owner.fail(3)
        rig.owner.append(2)
        let reader = Task { try await rig.feed.run() }
        defer { reader.cancel() }
        #expect(await eventually { rig.consumer.taken == [1, 2] })
        #expect(rig.feed.status.failures >= 3)
    }

    @Test("what the owner has forgotten is a gap that the consumer decides on")
    func pruned() async throws {
        let rig = try FeedRig()
        rig.owner.append(10)
        #expect(try await rig.feed.catchUp() == 10)
        rig.owner.append(10)
        rig.owner.prune(upTo: 14)
        // It stops: nothing is taken past the gap.
        let gap = await #expect(throws: FeedGap.self) { try await rig.feed.catchUp() }
        #expect(gap == .pruned(after: 10, upTo: 14))
        #expect(rig.consumer.taken == Array(1...10))
        // Or it goes on.
        rig.consumer.onGap { $0 == .pruned(after: 10, upTo: 14) ? 14 : nil }
        #expect(try await rig.feed.catchUp() == 20)
        #expect(rig.consumer.taken == Array(1...10) + Array(15...20))
        // Pruned behind the cursor is no gap.
        rig.owner.prune(upTo: 20)
        #expect(try await rig.feed.catchUp() == 20)
    }

    @Test("a consumer that skips in vain does not skip for ever")
    func vainly() async throws {
        let rig = try FeedRig()
        rig.owner.append(10)
        rig.owner.prune(upTo: 8)
        rig.consumer.onGap { _ in 3 }
        await #expect(throws: FeedGap.pruned(after: 3, upTo: 8)) { try await rig.feed.catchUp() }
        rig.consumer.onGap { _ in 0 }
        await #expect(throws: FeedGap.self) { try await rig.feed.catchUp() }
    }

    @Test("a log that ends in front of the cursor is another log")
    func rewound() async throws {
        let rig = try FeedRig()
        rig.owner.append(10)
        #expect(try await rig.feed.catchUp() == 10)
        rig.owner.begin()
        rig.owner.append(3)
        await #expect(throws: FeedGap.rewound(after: 10, newest: 3)) {
            try await rig.feed.catchUp()
        }
    }

    @Test("a consumer that dies before or after its commit takes each entry once")
    func crashes() async throws {
        let rig = try FeedRig(batch: 3)
        rig.owner.append(10)
        for moment in [LogConsumer.Crash.before, .after, .before, .after] {
            rig.consumer.crash(moment)
            await #expect(throws: Crashed.self) { try await rig.feed.catchUp() }
            // A new life: only what was kept is left.
            let next = try rig.another()
            #expect(next.status.cursor == nil)
            _ = try await next.catchUp()
            #expect(rig.consumer.taken == Array(1...rig.consumer.taken.count))
            rig.owner.append(5)
        }
        _ = try await rig.feed.catchUp()
        #expect(rig.consumer.taken == Array(1...30))
    }

    @Test("a source that repeats itself ends the reading")
    func repeating() async throws {
        let rig = try FeedRig(batch: 2)
        rig.owner.append(2)
        rig.owner.stutter()
        #expect(try await rig.feed.catchUp() == 2)
        #expect(try await rig.feed.catchUp() == 2)
        #expect(rig.consumer.taken == [1, 2])
    }
}

/// The owner of a log, and its contract.
enum Chronicle: MeshService {
    static let name = "chronicle"
    static let contract = Contract(Self.self, Read.self)

    struct Read: LogMethod {
        typealias Service = Chronicle
        static let name = "read"
        static let summary = "Reads the log."
        static let traits = MethodTraits.read
        typealias Reply = Page
        var after: Int64
        var limit: Int
    }

    struct Page: Codable, LogPage {
        var entries: [Entry]
        var pruned: Int64?
        var newest: Int64?
    }

    struct Entry: Codable, LogEntry { var seq: Int64 }

    struct Grown: LogHint {
        typealias Service = Chronicle
        static let topic = "grown"
        var last: Int64
    }
}

/// A log, with its faults on demand.
final class LogOwner: Sendable {
    private struct State {
        var entries: [Int64] = []
        var newest: Int64 = 0
        var pruned: Int64?
        var failures = 0
        var stutters = false
        var asked: [Int64] = []
    }

    private let state = Mutex(State())

    var asked: [Int64] { state.withLock { $0.asked } }

    func append(_ count: Int) {
        state.withLock { state in
            for _ in 0..<count {
                state.newest += 1
                state.entries.append(state.newest)
            }
        }
    }

    func prune(upTo seq: Int64) {
        state.withLock { state in
            state.pruned = seq
            state.entries.removeAll { $0 <= seq }
        }
    }

    func begin() { state.withLock { $0 = State() } }
    func fail(_ times: Int) { state.withLock { $0.failures = times } }
    func stutter() { state.withLock { $0.stutters = true } }

    var routes: Routes { Routes(Chronicle.contract, read) }

    private func read(_ request: Chronicle.Read, _: Call) throws -> Chronicle.Page {
        try state.withLock { state in
            state.asked.append(request.after)
            if state.failures > 0 {
                state.failures -= 1
                throw Fault(.internal, "a bad day")
            }
            let after = state.stutters ? 0 : request.after
            let entries = state.entries.filter { $0 > after }.prefix(request.limit)
            return Chronicle.Page(
                entries: entries.map { Chronicle.Entry(seq: $0) }, pruned: state.pruned,
                newest: state.stutters ? nil : state.newest)
        }
    }
}

struct Crashed: Error {}

/// Keeps effects and cursor together, as a transaction does, and dies on demand.
final class LogConsumer: FeedConsumer {
    enum Crash { case before, after }

    private struct State {
        var taken: [Int64] = []
        var cursor: Int64 = 0
        var crash: Crash?
        var decide: (@Sendable (FeedGap) -> Int64?)?
    }

    private let state = Mutex(State())

    var taken: [Int] { state.withLock { $0.taken.map(Int.init) } }

    func crash(_ moment: Crash) { state.withLock { $0.crash = moment } }
    func onGap(_ decide: @escaping @Sendable (FeedGap) -> Int64?) {
        state.withLock { $0.decide = decide }
    }

    func cursor() -> Int64 { state.withLock { $0.cursor } }

    func take(_ entries: [Chronicle.Entry]) throws -> Int64 {
        try state.withLock { state in
            defer { state.crash = nil }
            if state.crash == .before { throw Crashed() }
            for entry in entries where entry.seq > state.cursor {
                state.taken.append(entry.seq)
                state.cursor = entry.seq
            }
            if state.crash == .after { throw Crashed() }
            return state.cursor
        }
    }

    func skip(_ gap: FeedGap) throws -> Int64 {
        try state.withLock { state in
            guard let next = state.decide?(gap) else { throw gap }
            state.cursor = next
            return next
        }
    }
}

/// An owner, a publisher and a follower.
final class FeedRig: Sendable {
    let owner = LogOwner()
    let consumer = LogConsumer()
    let feed: Feed<Chronicle.Entry>
    private let folder: String
    private let log = Log("test", level: .error, sink: { _ in })
    private let loopback = Loopback()
    private let publisher = Mutex<SocketPublisher?>(nil)
    private let directory: MeshDirectory
    private let batch: Int

    /// By default the clock is too slow for any test.
    init(pause: Duration = .seconds(600), batch: Int = 500) throws {
        folder = try scratchFolder()
        directory = MeshDirectory(folder: folder)
        self.batch = batch
        loopback.add(MeshServer(owner.routes, log: log))
        feed = Feed(
            Chronicle.Read.self, hints: Chronicle.Grown.self,
            of: MeshClient(loopback, as: "reader"), in: directory, to: consumer, every: pause,
            batch: batch, log: log)
        let first = try SocketPublisher(listening: directory.events(of: Chronicle.name), log: log)
        publisher.withLock { $0 = first }
    }

    deinit { removeFolder(folder) }

    /// Another life of the same consumer.
    func another() throws -> Feed<Chronicle.Entry> {
        Feed(
            Chronicle.Read.self, hints: Chronicle.Grown.self,
            of: MeshClient(loopback, as: "reader"), in: directory, to: consumer,
            every: .seconds(600), batch: batch, log: log)
    }

    func publish(_ last: Int64) {
        publisher.withLock { $0 }?.publish(Chronicle.Grown(last: last))
    }

    /// Until hints arrive; they tell nothing.
    func hear() async throws {
        try #require(
            await eventually {
                publish(0)
                return feed.status.hints > 0
            })
    }

    func stop() async {
        publisher.withLock { $0 = nil }
        loopback.remove(Chronicle.name)
    }

    func start() async throws {
        loopback.add(MeshServer(owner.routes, log: log))
        let isThere = await eventually {
            let next = try? SocketPublisher(
                listening: directory.events(of: Chronicle.name), log: log)
            guard let next else { return false }
            publisher.withLock { $0 = next }
            return true
        }
        try #require(isThere)
    }
}
