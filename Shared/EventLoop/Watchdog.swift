import CEpoll
import Glibc
import Synchronization

/// Looks after the loops of the process from a thread of its own, and names what holds one up.
///
/// While every loop sleeps, it sleeps as well; a loop that wakes wakes it.
public final class Watchdog: Sendable {
    /// A loop that was at one thing for too long.
    public struct Stall: Sendable {
        public let loop: String
        /// Whose work it is, as `holder` knew when it was noticed; nil for work of the loop's own.
        public let holder: Holder?
        /// For how long at least, without the time in which it was not given a processor.
        public let time: Duration
        /// How much of it the thread used the processor; the rest it waited for something else.
        public let processorTime: Duration
        /// False for a report on what still goes on.
        public let isOver: Bool
    }

    /// Whose work a job is.
    public struct Holder: Sendable, Equatable {
        public let method: String
        public let call: String

        public init(method: String, call: String) { (self.method, self.call) = (method, call) }
    }

    /// What is known of one loop.
    private struct Watch {
        let loop: EventLoop
        var beat: UInt64
        var since: UInt64
        var seen: UInt64
        var before: Pulse.Usage
        var usage: Pulse.Usage
        var isStalled = false
        var holder: Holder?
        /// When something that goes on is reported next.
        var reportAt = UInt64.max

        init(_ loop: EventLoop, _ beat: UInt64, at now: UInt64) {
            (self.loop, self.beat, since, seen) = (loop, beat, now, now)
            before = loop.pulse.usage
            usage = before
        }

        /// How long it has been at the same thing, as far as it was let.
        var time: UInt64 {
            let queued = usage.queued &- before.queued
            return (seen &- since) &- min(queued, seen &- since)
        }
    }

    /// How long all loops sleep before it does, and how long it sleeps if none wakes it.
    private static let rest: UInt64 = 1_000_000_000
    private static let nap: Int32 = 5_000
    /// How often it looks at a stall.
    private static let closely: UInt64 = 5_000_000
    /// When what goes on is reported first; then after twice the time each.
    private static let patience: UInt64 = 1_000_000_000

    private let limit: UInt64
    private let loops: @Sendable () -> [EventLoop]
    private let holder: @Sendable (UInt) -> Holder?
    private let report: @Sendable (Stall) -> Void
    private let bell: Int32
    private let isStopped = Atomic(false)

    /// Watches until `stop`. `holder` and `report` run on its thread; `holder` is asked for a job
    /// while it still runs. Traps when the process has no descriptor or thread left.
    public init(
        limit: Duration, loops: @escaping @Sendable () -> [EventLoop] = { EventLoop.all },
        holder: @escaping @Sendable (_ job: UInt) -> Holder?,
        report: @escaping @Sendable (Stall) -> Void
    ) {
        self.limit = max(limit.nanoseconds, 1_000_000)
        (self.loops, self.holder, self.report) = (loops, holder, report)
        bell = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(bell >= 0, "no descriptor for a watchdog: errno \(errno)")
        var made = pthread_t()
        let failure = pthread_create(
            &made, nil, watchdogThread, Unmanaged.passRetained(self).toOpaque())
        precondition(failure == 0, "no thread for a watchdog: errno \(failure)")
        pthread_detach(made)
    }

    deinit { Glibc.close(bell) }

    /// Ends its thread, soon.
    public func stop() {
        isStopped.store(true, ordering: .relaxed)
        var one: UInt64 = 1
        _ = write(bell, &one, 8)
    }

    // MARK: The thread

    fileprivate func run() {
        shim_name_thread("watchdog")
        var watches: [Watch] = []
        var busyAt = monotonic()
        while !isStopped.load(ordering: .relaxed) {
            let now = monotonic()
            renew(&watches, now)
            var isBusy = false
            for index in watches.indices {
                isBusy = look(at: &watches[index], now) || isBusy
            }
            if isBusy { busyAt = now }
            if now &- busyAt >= Self.rest {
                sleep(watches)
                busyAt = monotonic()
            } else {
                let isClose = watches.contains(where: \.isStalled)
                wait(Int32((isClose ? min(Self.closely, limit / 2) : limit / 2) / 1_000_000))
            }
        }
    }

    /// Takes up loops that have begun, and forgets those that have ended.
    private func renew(_ watches: inout [Watch], _ now: UInt64) {
        let loops = loops()
        guard loops.count != watches.count || !zip(loops, watches).allSatisfy({ $0 === $1.loop })
        else { return }
        let known = watches
        watches = loops.map { loop in
            if let watch = known.first(where: { $0.loop === loop }) { return watch }
            return Watch(loop, loop.pulse.look().beat, at: now)
        }
    }

    /// True when the loop does something.
    private func look(at watch: inout Watch, _ now: UInt64) -> Bool {
        let look = watch.loop.pulse.look()
        let hasMoved = look.beat != watch.beat
        if hasMoved || look.isAsleep {
            if watch.isStalled { tell(watch, isOver: true) }
            // Nothing is read of a loop that sleeps on.
            if hasMoved { watch = Watch(watch.loop, look.beat, at: now) }
            (watch.since, watch.isStalled) = (now, false)
            return hasMoved || !look.isAsleep
        }
        (watch.seen, watch.usage) = (now, watch.loop.pulse.usage)
        guard watch.time >= limit else { return true }
        if !watch.isStalled {
            watch.isStalled = true
            watch.holder = look.job == 0 ? nil : holder(look.job)
            watch.reportAt = watch.since &+ Self.patience
        }
        if now >= watch.reportAt {
            tell(watch, isOver: false)
            watch.reportAt = now &+ (now &- watch.since)
        }
        return true
    }

    private func tell(_ watch: Watch, isOver: Bool) {
        let time = watch.time
        if isOver {
            watch.loop.account.withLock { account in
                account.stalls += 1
                account.longestStallMicroseconds = max(
                    account.longestStallMicroseconds, Int(time / 1_000))
            }
        }
        report(
            Stall(
                loop: watch.loop.name, holder: watch.holder, time: .nanoseconds(Int64(time)),
                processorTime: .nanoseconds(Int64(clamping: watch.usage.ran &- watch.before.ran)),
                isOver: isOver))
    }

    /// Until a loop wakes. One that woke in between is looked at before long.
    private func sleep(_ watches: [Watch]) {
        for watch in watches { watch.loop.pulse.ring(bell) }
        let isQuiet = watches.allSatisfy { watch in
            let look = watch.loop.pulse.look()
            return look.isAsleep && look.beat == watch.beat
        }
        if isQuiet { wait(Self.nap) }
        for watch in watches { watch.loop.pulse.ring(-1) }
    }

    private func wait(_ milliseconds: Int32) {
        var ask = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
        guard poll(&ask, 1, max(milliseconds, 1)) > 0 else { return }
        var value: UInt64 = 0
        _ = read(bell, &value, 8)
    }
}

/// File-level, so that it is not inferred to belong to an actor.
private func watchdogThread(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<Watchdog>.fromOpaque(raw).takeRetainedValue().run()
    return nil
}
