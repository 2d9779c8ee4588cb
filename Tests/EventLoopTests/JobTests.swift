import EventLoop
import Synchronization
import Testing

@Suite("Jobs on the loop", .timeLimit(.minutes(1)))
struct JobTests {
    @Test("a task that prefers the loop runs on its thread, before and after a suspension")
    func preference() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let places = await Task(executorPreference: loop) {
            let before = loop.isCurrent
            await Task.yield()
            let between = loop.isCurrent
            try? await Task.sleep(for: .milliseconds(1))
            return [before, between, loop.isCurrent]
        }.value
        #expect(places == [true, true, true])
        #expect(!loop.isCurrent)
    }

    @Test("work is performed at once on the loop, later and in order from elsewhere")
    func perform() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let seen = Mutex<[Int]>([])
        let isInline = await on(loop) {
            var isDone = false
            let mark = Mutex(false)
            loop.perform { mark.withLock { $0 = true } }
            isDone = mark.withLock { $0 }
            return isDone
        }
        #expect(isInline)
        for number in 0..<100 { loop.perform { seen.withLock { $0.append(number) } } }
        _ = await on(loop) { 0 }
        #expect(seen.withLock { $0 } == Array(0..<100))
    }

    @Test("no job and no piece of work is lost when many threads post at once")
    func stress() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let (threads, jobs) = (8, 2_000)
        let (ran, strays) = (Tally(), Tally())
        await onThreads(threads) { _ in
            for job in 0..<jobs {
                if job.isMultiple(of: 2) {
                    loop.perform {
                        if !loop.isCurrent { strays.add() }
                        ran.add()
                    }
                } else {
                    Task(executorPreference: loop) {
                        if !loop.isCurrent { strays.add() }
                        ran.add()
                    }
                }
                // Lets the loop fall asleep now and then, which is where a wake-up could be lost.
                if job.isMultiple(of: 97) { sched_pause() }
            }
        }
        await ran.reaches(threads * jobs)
        #expect(ran.count == threads * jobs)
        #expect(strays.count == 0)
    }

    @Test("a loop woken from sleep thousands of times answers each time")
    func wakeups() async {
        let loop = EventLoop()
        defer { loop.stop() }
        for number in 0..<3_000 {
            let answer = await on(loop) { number }
            #expect(answer == number)
        }
    }

    @Test("jobs that keep coming do not keep descriptors and deadlines waiting")
    func fairness() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let isOver = Atomic(false)
        let busy = Task(executorPreference: loop) {
            while !isOver.load(ordering: .relaxed) { await Task.yield() }
        }
        let expired = Tally()
        let timed = Probe(expire: { _ in
            expired.add()
            return .max
        })
        loop.perform {
            loop.addTimed(timed)
            loop.wake(by: monotonic() + 2_000_000)
        }
        await expired.reaches(1)
        isOver.store(true, ordering: .relaxed)
        await busy.value
    }

    @Test("what was queued before the stop still runs, and later tasks end elsewhere")
    func stop() async {
        let loop = EventLoop()
        let ran = Tally()
        for _ in 0..<500 { loop.perform { ran.add() } }
        let ended = Tally()
        loop.perform { loop.addTimed(Probe(end: { ended.add() })) }
        loop.stop()
        await ended.reaches(1)
        #expect(ran.count == 500)
        let isLate = await Task(executorPreference: loop) { !loop.isCurrent }.value
        #expect(isLate, "a task must not hang on a loop that has ended")
        #expect(!loop.perform { ran.add() })
        loop.stop()
        #expect(ran.count == 500)
    }

    @Test("a loop that was stopped lets go of its members and is freed")
    func noCycle() async throws {
        weak var gone: EventLoop?
        let ended = Tally()
        do {
            let loop = EventLoop()
            gone = loop
            let (near, far) = socketPair()
            let member = Probe(
                ready: { _ in _ = loop.isCurrent },
                end: {
                    ended.add()
                })
            _ = await on(loop) { loop.add(near, member) }
            loop.stop()
            await ended.reaches(1)
            closeAll(near, far)
        }
        for _ in 0..<1_000 where gone != nil { await pause() }
        #expect(gone == nil)
    }
}
