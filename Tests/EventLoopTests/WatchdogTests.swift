import Dispatch
import EventLoop
import Glibc
import Synchronization
import Testing

@Suite("Watchdog", .timeLimit(.minutes(1)))
struct WatchdogTests {
    /// What is expected to hold the loop up, and the gate in front of which it waits until the
    /// watchdog has asked for it: so no clock decides, however busy the machine is.
    private final class Suspect: Sendable {
        private let job = Mutex<UInt>(0)
        private let gate = DispatchSemaphore(value: 0)

        /// Keeps the thread.
        func hold(as job: UInt) {
            self.job.withLock { $0 = job }
            gate.wait()
        }

        func ask(_ job: UInt) -> Watchdog.Holder? {
            guard job != 0, self.job.withLock({ $0 }) == job else { return nil }
            gate.signal()
            return Watchdog.Holder(method: "bark", call: "\(job)")
        }
    }

    /// A loop with a watchdog.
    private struct Kennel {
        let loop = EventLoop("kennel")
        let suspect = Suspect()
        let watchdog: Watchdog
        private let stalls: AsyncStream<Watchdog.Stall>

        init() {
            let (stream, told) = AsyncStream.makeStream(of: Watchdog.Stall.self)
            let (loop, suspect) = (loop, suspect)
            stalls = stream
            watchdog = Watchdog(
                limit: .milliseconds(2), loops: { [loop] }, holder: { suspect.ask($0) },
                report: { told.yield($0) })
        }

        /// The suspect's, when it is over.
        func stall() async -> Watchdog.Stall? {
            for await stall in stalls where stall.isOver && stall.holder != nil { return stall }
            return nil
        }

        func end() {
            watchdog.stop()
            loop.stop()
        }
    }

    @Test("a task that holds a loop is found under the name it has for itself")
    func names() async throws {
        let kennel = Kennel()
        let suspect = kennel.suspect
        let job = await Task(executorPreference: kennel.loop) {
            await Task.yield()  // what runs now is a job that the loop was given
            let job = currentJob()
            suspect.hold(as: job)
            return job
        }.value
        let stall = try #require(await kennel.stall())
        #expect(job != 0)
        #expect(stall.holder == Watchdog.Holder(method: "bark", call: "\(job)"))
        #expect(stall.loop == "kennel")
        #expect(stall.time >= .milliseconds(2))
        #expect(stall.processorTime >= .zero)
        kennel.end()
    }

    @Test("what a task does at once, in its starter's place, is told apart by a mark")
    func marks() async throws {
        let kennel = Kennel()
        let suspect = kennel.suspect
        kennel.loop.perform {
            EventLoop.mark(4_711)
            suspect.hold(as: 4_711)
        }
        #expect(await kennel.stall()?.holder?.call == "4711")
        #expect(kennel.loop.figures.stalls >= 1)
        #expect(kennel.loop.figures.longestStallMicroseconds >= 2_000)
        kennel.end()
    }

    @Test("a mark away from a loop does nothing")
    func strangerMarks() {
        EventLoop.mark(1_000)
        #expect(EventLoop.all.allSatisfy { $0.name != "nobody" })
    }

    @Test("a loop counts its turns, and is known while it runs")
    func figures() async {
        let loop = EventLoop("counted")
        for _ in 0..<5 {
            await Task(executorPreference: loop) { await Task.yield() }.value
        }
        #expect(EventLoop.all.contains { $0 === loop })
        #expect(loop.figures.name == "counted")
        #expect(loop.figures.turns.count >= 1)
        loop.stop()
        while EventLoop.all.contains(where: { $0 === loop }) { await Task.yield() }
    }
}

@Suite("Workers", .timeLimit(.minutes(1)))
struct WorkersTests {
    @Test("work runs away from the loop, and what follows is on it again")
    func away() async {
        let loop = EventLoop()
        let workers = Workers(1)
        let places = await Task(executorPreference: loop) {
            let before = loop.isCurrent
            let within = await withTaskExecutorPreference(workers) { loop.isCurrent }
            await Task.yield()
            return [before, within, loop.isCurrent]
        }.value
        #expect(places == [true, false, true])
        loop.stop()
    }

    @Test("as many pieces run at once as there are threads")
    func atOnce() async {
        let workers = Workers(3)
        let gates = (0..<3).map { _ in DispatchSemaphore(value: 0) }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask(executorPreference: workers) {
                    // Each lets the next one go, so that none ends unless all have begun.
                    gates[(number + 1) % 3].signal()
                    Self.wait(gates[number])
                }
            }
        }
        #expect(workers.count == 3)
    }

    /// Not where a task may suspend.
    private static func wait(_ gate: DispatchSemaphore) { gate.wait() }

    @Test("many pieces are done in the order of their coming")
    func order() async {
        let workers = Workers(1)
        let seen = Seen()
        let tasks = (0..<3_000).map { number in
            Task(executorPreference: workers) { seen.numbers.withLock { $0.append(number) } }
        }
        for task in tasks { await task.value }
        #expect(seen.numbers.withLock { $0 } == Array(0..<3_000))
    }

    private final class Seen: Sendable { let numbers = Mutex<[Int]>([]) }
}
