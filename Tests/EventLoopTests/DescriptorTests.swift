import EventLoop
import Glibc
import Synchronization
import Testing

func closeAll(_ descriptors: Int32...) { for one in descriptors { close(one) } }
func sched_pause() { sched_yield() }
func pause() async { try? await Task.sleep(for: .milliseconds(1)) }

@Suite("Descriptors and deadlines", .timeLimit(.minutes(1)))
struct DescriptorTests {
    @Test("a member hears of bytes, of room and of its peer's end")
    func readiness() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let (near, far) = socketPair()
        let heard = Mutex(Readiness())
        let (bytes, room, end) = (Tally(), Tally(), Tally())
        let member = Probe(ready: { readiness in
            heard.withLock { $0.formUnion(readiness) }
            var buffer = [UInt8](repeating: 0, count: 16)
            if readiness.contains(.read), read(near, &buffer, 16) > 0 { bytes.add() }
            if readiness.contains(.write) {
                loop.watch(near, for: .read)
                room.add()
            }
            if readiness.contains(.hangup) {
                loop.remove(near)
                end.add()
            }
        })
        loop.perform { loop.add(near, member) }
        #expect(write(far, "x", 1) == 1)
        await bytes.reaches(1)
        loop.watch(near, for: [.read, .write])
        await room.reaches(1)
        close(far)
        await end.reaches(1)
        #expect(heard.withLock { $0.isSuperset(of: [.read, .write, .hangup]) })
    }

    @Test("an event for a removed member does not reach the one that got its number")
    func staleEvents() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let pairs = (0..<2).map { _ in socketPair() }
        let second = Tally()
        let first = Tally()
        let newcomer = Probe(ready: { _ in second.add() })
        // Both become ready in one batch; whoever comes first takes the other's place.
        let members = (0..<2).map { index in
            Probe(ready: { _ in
                first.add()
                let (mine, other) = (pairs[index].0, pairs[1 - index].0)
                loop.remove(mine, closing: false)
                loop.remove(other, closing: false)
                loop.add(other, newcomer, for: [])
            })
        }
        _ = await on(loop) {
            for (pair, member) in zip(pairs, members) {
                loop.add(pair.0, member)
                _ = write(pair.1, "x", 1)
            }
        }
        await first.reaches(1)
        _ = await on(loop) { 0 }
        _ = await on(loop) { 0 }
        #expect(first.count == 1)
        #expect(second.count == 0)
        for pair in pairs { closeAll(pair.0, pair.1) }
    }

    @Test("a descriptor that cannot be watched is refused")
    func refused() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let answers = await on(loop) { [loop.add(-1, Probe()), loop.add(9_999, Probe())] }
        #expect(answers == [false, false])
    }

    @Test("expire is called at the deadline, not before, and again at the next it asks for")
    func deadlines() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let times = Mutex<[UInt64]>([])
        let calls = Tally()
        let from = monotonic()
        let member = Probe(expire: { now in
            let count = times.withLock { times in
                times.append(now)
                return times.count
            }
            calls.add()
            return count == 1 ? now + 10_000_000 : .max
        })
        loop.perform {
            loop.addTimed(member)
            loop.wake(by: from + 10_000_000)
        }
        await calls.reaches(2)
        let seen = times.withLock { $0 }
        #expect(seen[0] >= from + 10_000_000)
        #expect(seen[1] >= seen[0] + 10_000_000)
        // Removed, it is not asked again.
        _ = await on(loop) {
            loop.removeTimed(member)
            loop.wake(by: monotonic())
        }
        _ = await on(loop) { 0 }
        #expect(calls.count == 2)
    }

    @Test("changed flushes on the loop after the jobs at hand, once awake")
    func changedOnLoop() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let flushed = Tally()
        let member = Probe(flush: { flushed.add() })
        let before = await on(loop) {
            loop.changed(member)
            return flushed.count
        }
        #expect(before == 0, "not while the job runs")
        await flushed.reaches(1)
    }

    @Test("changed from elsewhere flushes, whether the loop sleeps or works, and keeps deadlines")
    func changedOffLoop() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let (flushed, expired) = (Tally(), Tally())
        let member = Probe(
            flush: { flushed.add() },
            expire: { _ in
                expired.add()
                return .max
            })
        _ = await on(loop) { loop.addTimed(member) }
        for round in 1...300 {
            if round.isMultiple(of: 3) { loop.perform { sched_yield() } }
            loop.changed(member)
            await flushed.reaches(round)
        }
        loop.changed(member, deadline: monotonic() + 3_000_000)
        await expired.reaches(1)
        #expect(flushed.count == 301)
    }

    @Test("no deadline given from many threads is forgotten")
    func manyDeadlines() async {
        let loop = EventLoop()
        defer { loop.stop() }
        let due = Mutex<[UInt64]>([])
        let met = Tally()
        let member = Probe(expire: { now in
            let (count, next) = due.withLock { due in
                let count = due.count { $0 <= now }
                due.removeAll { $0 <= now }
                return (count, due.min() ?? .max)
            }
            met.add(count)
            return next
        })
        _ = await on(loop) { loop.addTimed(member) }
        await onThreads(4) { _ in
            for _ in 0..<250 {
                let deadline = monotonic() + UInt64.random(in: 100_000...20_000_000)
                due.withLock { $0.append(deadline) }
                loop.changed(member, deadline: deadline)
            }
        }
        await met.reaches(1_000)
        #expect(due.withLock { $0.isEmpty })
    }

    @Test("an accepted connection is non-blocking, closed on exec, and its user is ours")
    func accept() throws {
        let path = "/tmp/el-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        defer { unlink(path) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        let (listener, client) = (socket(AF_UNIX, kind, 0), socket(AF_UNIX, kind, 0))
        defer { closeAll(listener, client) }
        try withUnsafePointer(to: &name) { raw in
            try raw.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                try #require(bind(listener, address, length) == 0 && listen(listener, 4) == 0)
                #expect(acceptConnection(listener) == -1 && errno == EAGAIN)
                try #require(connect(client, address, length) == 0)
            }
        }
        let taken = acceptConnection(listener)
        try #require(taken >= 0)
        defer { close(taken) }
        #expect(fcntl(taken, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(taken, F_GETFL) & O_NONBLOCK != 0)
        #expect(peerUser(taken) == geteuid())
        #expect(!isPeerGone(taken))
        shutdown(client, Int32(SHUT_RDWR))
        #expect(isPeerGone(taken))
        var pipes: [Int32] = [0, 0]
        pipe(&pipes)
        #expect(peerUser(pipes[0]) == nil, "a pipe has no peer")
        closeAll(pipes[0], pipes[1])
    }

    @Test("durations become nanoseconds without a trap")
    func nanoseconds() {
        #expect(Duration.milliseconds(3).nanoseconds == 3_000_000)
        #expect(Duration.seconds(-5).nanoseconds == 0)
        #expect((Duration.zero - .nanoseconds(1)).nanoseconds == 0)
        #expect(Duration.seconds(Int64.max).nanoseconds == UInt64(Int64.max))
    }
}
