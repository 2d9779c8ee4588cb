import CEpoll
import Glibc
import Synchronization

/// One thread that waits for descriptors and runs the Swift jobs they wake, in between.
///
/// A reply is read, its continuation resumed and the next request written without leaving the
/// thread: that is where the mesh gets its latency. The loop is a `TaskExecutor`, so a task started
/// with `Task(executorPreference: loop)` stays on it.
///
/// Unchecked: `shared` is a mutex; everything below the mark is touched by the loop's thread only.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    private struct Shared {
        var jobs: [UnownedJob] = []
        var work: [@Sendable () -> Void] = []
        var dirty: [any Pollable] = []
        var asleep = false
        var wakeAt = UInt64.max
        var stopping = false
        /// Nothing posted from here on would run.
        var ended = false
    }

    /// Changes after which members are flushed though there are jobs at hand.
    private static let mostDirty = 32

    private let shared = Mutex(Shared())
    private let poller: Int32
    private let bell: Int32
    private let gate = Mutex(())
    /// Zero once the thread has ended: the system gives its number to another.
    private let thread = Atomic<pthread_t>(0)
    let pulse = Pulse()
    let account: Mutex<LoopFigures>
    /// For figures and for the watchdog's reports.
    public let name: String

    // The loop's thread only, from here on.
    private var jobs: [UnownedJob] = []
    private var next: [UnownedJob] = []
    private var dirty: [any Pollable] = []
    private var members: [Int32: any Pollable] = [:]
    private var timed: [any Pollable] = []
    /// Descriptors removed while a batch of events is handed out: what the batch still holds for
    /// them was meant for an owner that is gone.
    private var stale: Set<Int32> = []
    private var wakeAt = UInt64.max
    private var patience: Patience

    /// Starts the thread. Traps when the process has no descriptor or thread left to wait with.
    ///
    /// `isPatient` is for a loop whose peers answer within microseconds: it looks around for a while
    /// before it sleeps.
    public init(_ name: String = "loop", isPatient: Bool = true) {
        _ = Memory.isKept
        self.name = name
        patience = isPatient ? Patience() : Patience(longest: 0)
        account = Mutex(LoopFigures(name: name))
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        bell = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(poller >= 0 && bell >= 0, "no descriptor for an event loop: errno \(errno)")
        control(EPOLL_CTL_ADD, bell, .read)
        let me = Unmanaged.passRetained(self)
        gate.withLock { _ in
            var made = pthread_t()
            let failure = pthread_create(&made, nil, loopThread, me.toOpaque())
            precondition(failure == 0, "no thread for an event loop: errno \(failure)")
            pthread_detach(made)
            thread.store(made, ordering: .relaxed)
        }
    }

    deinit {
        close(poller)
        close(bell)
    }

    /// True on the loop's own thread.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    /// A job that comes after the end runs on the global pool, so that no task is left hanging.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            jobs.append(job)
        } else if !post({ $0.jobs.append(job) }) {
            globalConcurrentExecutor.enqueue(ExecutorJob(job))
        }
    }

    /// Runs `work` on the loop's thread: at once when called there. False when the loop has ended,
    /// and `work` will never run.
    @discardableResult
    public func perform(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard !isCurrent else {
            work()
            return true
        }
        return post { $0.work.append(work) }
    }

    /// Runs `work` on the loop's thread after what is at hand, wherever it is called.
    public func performLater(_ work: @escaping @Sendable () -> Void) {
        post { $0.work.append(work) }
    }

    /// Ends the thread after what is queued has run, and tells the members. Descriptors stay with
    /// their owners.
    public func stop() { post { $0.stopping = true } }

    @discardableResult
    private func post(_ change: (inout Shared) -> Void) -> Bool {
        let (taken, ring) = shared.withLock { state in
            guard !state.ended else { return (false, false) }
            change(&state)
            defer { state.asleep = false }
            return (true, state.asleep)
        }
        if ring { self.ring() }
        return taken
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(bell, &one, 8)
    }

    // MARK: What a Pollable asks for

    /// `member` has bytes to send: the loop flushes it after the jobs at hand, together with others,
    /// but no later than after some more of them, so that the other side has something to do
    /// meanwhile; when the loop sleeps, the caller's thread does it now. `isMuch` says that there is
    /// enough to be worth sending by itself. From any thread.
    public func changed(
        _ member: any Pollable, deadline: UInt64 = .max, isMuch: Bool = false
    ) {
        if isCurrent {
            wakeAt = min(wakeAt, deadline)
            if isMuch { return member.flush() }
            dirty.append(member)
            if dirty.count >= Self.mostDirty { flushDirty() }
            return
        }
        enum Then { case leave, send, ring }
        let then = shared.withLock { state -> Then in
            guard !state.ended else { return .leave }
            let earlier = deadline < state.wakeAt
            if earlier { state.wakeAt = deadline }
            guard state.asleep else {
                state.dirty.append(member)
                return .leave
            }
            if earlier { state.asleep = false }
            return earlier ? .ring : .send
        }
        if then != .leave { member.flush() }
        if then == .ring { ring() }
    }

    /// Calls `expire` of the timed members no later than `deadline`. From the loop's thread.
    public func wake(by deadline: UInt64) { wakeAt = min(wakeAt, deadline) }

    /// Watches a descriptor. False when the kernel refused (epoll_ctl(2): no memory, or too many
    /// watched), and nothing will be told. From the loop's thread, as are the next four.
    @discardableResult
    public func add(
        _ descriptor: Int32, _ member: any Pollable, for interest: Readiness = .read
    ) -> Bool {
        guard control(EPOLL_CTL_ADD, descriptor, interest) else { return false }
        members[descriptor] = member
        return true
    }

    /// Changes what is waited for. From any thread that keeps the descriptor from being closed.
    public func watch(_ descriptor: Int32, for interest: Readiness) {
        control(EPOLL_CTL_MOD, descriptor, interest)
    }

    /// Stops watching and, unless told otherwise, closes.
    public func remove(_ descriptor: Int32, closing: Bool = true) {
        members[descriptor] = nil
        stale.insert(descriptor)
        control(EPOLL_CTL_DEL, descriptor, [])
        if closing { close(descriptor) }
    }

    public func addTimed(_ member: any Pollable) { timed.append(member) }
    public func removeTimed(_ member: any Pollable) { timed.removeAll { $0 === member } }

    @discardableResult
    private func control(
        _ operation: Int32, _ descriptor: Int32, _ interest: Readiness
    ) -> Bool {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(fd: descriptor))
        return epoll_ctl(poller, operation, descriptor, &event) == 0
    }

    // MARK: The thread

    fileprivate func start() {
        gate.withLock { _ in }
        shim_name_thread(String(name.prefix(15)))
        pulse.started()
        pthread_setspecific(Self.place, Unmanaged.passUnretained(pulse).toOpaque())
        Self.running.withLock { $0.append(self) }
        run()
        Self.running.withLock { $0.removeAll { $0 === self } }
    }

    private func run() {
        let executor = asUnownedTaskExecutor()
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        var began = monotonic()
        while true {
            runJobs(on: executor)
            let (work, sleep, ended) = takeShared()
            if ended { return end() }
            for piece in work {
                pulse.begin(0)
                piece()
            }
            let now = monotonic()
            account.withLock { $0.turns.note(now &- began) }
            if sleep { pulse.sleep() }
            let count = wait(&events, sleep, now)
            patience.came(Int(count))
            if sleep { pulse.wake() }
            began = monotonic()
            stale.removeAll(keepingCapacity: true)
            for index in 0..<Int(max(count, 0)) {
                pulse.begin(0)
                deliver(events[index])
            }
            expire(began)
        }
    }

    /// For the next events, or none. Sleeps when there is nothing to do, after a look around.
    private func wait(_ events: inout [epoll_event], _ sleep: Bool, _ now: UInt64) -> Int32 {
        guard sleep else { return epoll_wait(poller, &events, 128, 0) }
        let pause = timeout(now)
        guard pause != 0, patience.isOn else { return epoll_wait(poller, &events, 128, pause) }
        var looked = now
        while patience.looksOn(since: now, at: looked) {
            let count = epoll_wait(poller, &events, 128, 0)
            guard count == 0 else { return count }
            sched_yield()
            let after = monotonic()
            patience.yielded(from: looked, to: after)
            looked = after
        }
        let count = epoll_wait(poller, &events, 128, pause)
        patience.slept(from: now, to: monotonic())
        return count
    }

    /// Lets go of the members, which hold the loop, and tells each that nothing more will come.
    private func end() {
        let left = Array(members.values) + timed
        (members, timed) = ([:], [])
        for member in left { member.loopEnded() }
        // What the members' last words brought: nobody else runs it.
        for job in jobs { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
        (jobs, dirty) = ([], [])
        thread.store(0, ordering: .relaxed)
    }

    private func runJobs(on executor: UnownedTaskExecutor) {
        swap(&jobs, &next)
        for job in next {
            pulse.begin(unsafeBitCast(job, to: UInt.self))
            job.runSynchronously(on: executor)
        }
        pulse.begin(0)
        next.removeAll(keepingCapacity: true)
        flushDirty()
    }

    private func flushDirty() {
        guard !dirty.isEmpty else { return }
        let members = dirty
        dirty.removeAll(keepingCapacity: true)
        for member in members { member.flush() }
    }

    private func takeShared() -> (work: [@Sendable () -> Void], sleep: Bool, ended: Bool) {
        shared.withLock { state in
            state.asleep = false
            wakeAt = min(wakeAt, state.wakeAt)
            jobs += state.jobs
            state.jobs.removeAll(keepingCapacity: true)
            dirty += state.dirty
            state.dirty.removeAll(keepingCapacity: true)
            var work: [@Sendable () -> Void] = []
            swap(&work, &state.work)
            let idle = jobs.isEmpty && work.isEmpty && dirty.isEmpty
            state.asleep = idle && !state.stopping
            state.wakeAt = wakeAt
            state.ended = idle && state.stopping
            return (work, state.asleep, state.ended)
        }
    }

    private func timeout(_ now: UInt64) -> Int32 {
        guard wakeAt != .max else { return -1 }
        return wakeAt <= now ? 0 : Int32(min((wakeAt - now) / 1_000_000 + 1, 60_000))
    }

    private func deliver(_ event: epoll_event) {
        let descriptor = event.data.fd
        guard descriptor != bell else {
            var value: UInt64 = 0
            _ = read(bell, &value, 8)
            return
        }
        guard !stale.contains(descriptor) else { return }
        members[descriptor]?.ready(Readiness(rawValue: event.events))
    }

    private func expire(_ now: UInt64) {
        guard now >= wakeAt else { return }
        wakeAt = .max
        shared.withLock { $0.wakeAt = .max }
        for member in timed {
            let next = member.expire(now)  // may itself ask for an earlier wake
            wakeAt = min(wakeAt, next)
        }
    }
}

/// File-level, so that it is not inferred to belong to an actor.
private func loopThread(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<EventLoop>.fromOpaque(raw).takeRetainedValue().start()
    return nil
}
