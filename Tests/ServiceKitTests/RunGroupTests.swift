import Glibc
import Synchronization
import Testing

@testable import Lifecycle

@Suite("Running parts together", .timeLimit(.minutes(1)))
struct RunGroupTests {
    /// What happened, in order.
    final class Diary: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func note(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// Signals that a test sends.
    struct Wire: Sendable {
        let stream: AsyncStream<Int32>
        let send: AsyncStream<Int32>.Continuation
        init() { (stream, send) = AsyncStream.makeStream() }
    }

    struct Broken: Error, Equatable { let part: String }

    func part(_ name: String, _ diary: Diary) -> Running {
        Running(
            name,
            run: {
                diary.note("\(name) runs")
                try await Running.idle()
                diary.note("\(name) ends")
            }, stop: { diary.note("\(name) stops") })
    }

    @Test("parts start in order and stop in reverse, each after the next one has ended")
    func order() async throws {
        let (diary, wire) = (Diary(), Wire())
        let group = RunGroup(["a", "b", "c"].map { part($0, diary) })
        let running = Task { try await group.run(signals: { wire.stream }) }
        while diary.all.count < 3 { await Task.yield() }
        wire.send.yield(SIGTERM)
        try await running.value
        #expect(
            diary.all == [
                "a runs", "b runs", "c runs", "c stops", "c ends", "b stops", "b ends", "a stops",
                "a ends",
            ])
    }

    @Test("a part that ends, ends the group")
    func oneEnds() async throws {
        let (diary, wire) = (Diary(), Wire())
        let short = Running("short", run: { diary.note("short runs") })
        try await RunGroup([part("a", diary), short]).run(signals: { wire.stream })
        #expect(diary.all == ["a runs", "short runs", "a stops", "a ends"])
    }

    @Test("the first failure is thrown, whatever fails later on")
    func firstFailure() async {
        let (diary, wire) = (Diary(), Wire())
        let first = Running("first", run: { throw Broken(part: "first") })
        let later = Running(
            "later",
            run: {
                try? await Running.idle()
                throw Broken(part: "later")
            })
        await #expect(throws: Broken(part: "first")) {
            try await RunGroup([part("a", diary), later, first]).run(signals: { wire.stream })
        }
        #expect(diary.all.last == "a ends")
    }

    @Test("past the drain, parts are cancelled, and one that heeds nothing is left behind")
    func drain() async throws {
        let (diary, wire) = (Diary(), Wire())
        let deaf = Running(
            "deaf", run: { await withCheckedContinuation { forever.keep($0) } },
            stop: { diary.note("deaf stops") })
        let slow = Running(
            "slow",
            run: {
                try? await Running.idle()
                diary.note("slow is cancelled")
            },
            stop: {
                diary.note("slow stops")
                try? await Task.sleep(for: .seconds(60))
            })
        let began = ContinuousClock.now
        let group = RunGroup([deaf, slow], drain: .milliseconds(50))
        let running = Task { try await group.run(signals: { wire.stream }) }
        wire.send.yield(SIGTERM)
        try await running.value
        let took = began.duration(to: .now)
        #expect(took >= .milliseconds(50) && took < .seconds(30))
        #expect(diary.all.prefix(2) == ["slow stops", "slow is cancelled"])
    }

    @Test("a second signal ends the wait")
    func secondSignal() async throws {
        let (diary, wire) = (Diary(), Wire())
        let slow = Running(
            "slow",
            run: {
                try? await Running.idle()
                diary.note("cancelled")
            },
            stop: {
                diary.note("stops")
                try? await Task.sleep(for: .seconds(600))
            })
        let group = RunGroup([slow], drain: .seconds(600))
        let running = Task { try await group.run(signals: { wire.stream }) }
        wire.send.yield(SIGTERM)
        while diary.all.isEmpty { await Task.yield() }
        wire.send.yield(SIGTERM)
        try await running.value
        #expect(diary.all == ["stops", "cancelled"])
    }

    @Test("cancelling the group's task drains as a signal does")
    func cancelled() async throws {
        let (diary, wire) = (Diary(), Wire())
        let group = RunGroup([part("a", diary), part("b", diary)])
        let running = Task { try await group.run(signals: { wire.stream }) }
        while diary.all.count < 2 { await Task.yield() }
        running.cancel()
        try await running.value
        #expect(diary.all.suffix(4) == ["b stops", "b ends", "a stops", "a ends"])
    }

    @Test("a signal that came before anybody listened is not lost; each stream hears those after")
    func signals() async {
        Signals.tell(97)
        let first = Signals.stream()
        Signals.tell(98)
        let second = Signals.stream()
        Signals.tell(99)
        var (heard, alsoHeard): ([Int32], [Int32]) = ([], [])
        for await number in first {
            heard.append(number)
            if number == 99 { break }
        }
        for await number in second {
            alsoHeard.append(number)
            if number == 99 { break }
        }
        #expect(heard == [97, 98, 99])
        #expect(alsoHeard == [99])
    }
}

/// Continuations that are never resumed, on purpose.
private let forever = Keeper()

private final class Keeper: Sendable {
    private let kept = Mutex<[CheckedContinuation<Void, Never>]>([])
    func keep(_ waiter: CheckedContinuation<Void, Never>) { kept.withLock { $0.append(waiter) } }
}
