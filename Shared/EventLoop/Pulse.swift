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
    /// By which the processor time of the thread is read, even after its end; -1 before.
    private let clock = Atomic<Int32>(-1)

    func started() {
        var own = clockid_t()
        if pthread_getcpuclockid(pthread_self(), &own) == 0 {
            clock.store(own, ordering: .relaxed)
        }
    }

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

    /// Processor time of the thread in nanoseconds; zero where it is not known.
    var processorTime: UInt64 {
        var time = timespec()
        let clock = clock.load(ordering: .relaxed)
        guard clock != -1, clock_gettime(clock, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
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
