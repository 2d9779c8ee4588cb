import CEpoll
import Glibc
import Synchronization

/// What a loop's thread is at, as other threads see it. Written by the loop's thread only, and
/// cheaply: twice for each job.
final class Pulse: Sendable {
    /// In place of a job.
    private static let asleep: UInt = 1

    /// One look at it.
    struct Look: Equatable {
        /// Grows with each piece of work.
        let beat: UInt64
        /// The job, or zero for work of the loop's own.
        let job: UInt
        let isAsleep: Bool
    }

    private let beat = Atomic<UInt64>(0)
    private let job = Atomic<UInt>(Pulse.asleep)
    /// The bell of the watchdog that sleeps until this loop wakes; -1 for none.
    private let waker = Atomic<Int32>(-1)
    /// The system's number of the thread; 0 before it runs.
    private let thread = Atomic<Int32>(0)

    /// The open file of `usage`; -1 before it was asked for.
    private let record = Atomic<Int32>(-1)

    func started() { thread.store(shim_thread_number(), ordering: .relaxed) }

    @inline(__always)
    func begin(_ job: UInt) {
        self.job.store(job, ordering: .relaxed)
        let next = beat.load(ordering: .relaxed) &+ 1
        beat.store(next, ordering: .releasing)
    }

    @inline(__always)
    func sleep() { begin(Self.asleep) }

    @inline(__always)
    func wake() {
        begin(0)
        if waker.load(ordering: .relaxed) >= 0 { ring() }
    }

    @inline(never)
    private func ring() {
        let bell = waker.exchange(-1, ordering: .relaxed)
        var one: UInt64 = 1
        if bell >= 0 { _ = write(bell, &one, 8) }
    }

    func look() -> Look {
        let beat = beat.load(ordering: .acquiring)
        let job = job.load(ordering: .relaxed)
        return Look(beat: beat, job: job == Self.asleep ? 0 : job, isAsleep: job == Self.asleep)
    }

    /// Rings `bell` when the loop wakes; -1 takes that back.
    func ring(_ bell: Int32) { waker.store(bell, ordering: .relaxed) }

    /// What the thread has done with its time, in nanoseconds.
    struct Usage {
        /// On a processor.
        var ran: UInt64 = 0
        /// In wait for one: others were in its way, and no fault of its own.
        var queued: UInt64 = 0
    }

    /// As the scheduler counts it (proc(5), schedstat); nothing where the system does not tell. The
    /// file stays open: it is looked at many times a second.
    var usage: Usage {
        var usage = Usage()
        var file = record.load(ordering: .relaxed)
        if file < 0 {
            let number = thread.load(ordering: .relaxed)
            guard number > 0 else { return usage }
            file = open("/proc/self/task/\(number)/schedstat", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return usage }
            let (isFirst, other) = record.compareExchange(
                expected: -1, desired: file, ordering: .relaxed)
            if !isFirst {
                close(file)
                file = other
            }
        }
        withUnsafeTemporaryAllocation(byteCount: 96, alignment: 1) { line in
            var figures: [2 of UInt64] = [0, 0]
            var at = 0
            for byte in line[..<max(pread(file, line.baseAddress, line.count, 0), 0)] {
                if byte == 32 { at += 1 }
                guard at < 2 else { break }
                if byte != 32 { figures[at] = figures[at] &* 10 &+ UInt64(byte &- 48) }
            }
            (usage.ran, usage.queued) = (figures[0], figures[1])
        }
        return usage
    }

    deinit {
        let file = record.load(ordering: .relaxed)
        if file >= 0 { close(file) }
    }
}

/// The task that runs here, as `UnownedJob` and the loops know it; zero for none.
@inline(__always)
public func currentJob() -> UInt {
    withUnsafeCurrentTask { task in
        guard let task else { return 0 }
        return unsafeBitCast(task, to: UInt.self)
    }
}
