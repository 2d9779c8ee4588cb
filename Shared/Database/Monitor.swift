import Glibc

/// A lock and a bell for threads of our own; tasks of the shared pool never wait here.
///
/// Unchecked: the two pointers never change, and what they point to is made for any thread.
final class Monitor: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let bell = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(bell, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(bell)
        pthread_mutex_destroy(lock)
        bell.deallocate()
        lock.deallocate()
    }

    func withLock<T>(_ body: () throws -> T) rethrows -> T {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body()
    }

    /// Waits, inside `withLock`, for a ring or for the deadline: the caller asks again why it
    /// waited.
    func wait(until deadline: UInt64 = .max) {
        guard deadline < .max else {
            pthread_cond_wait(bell, lock)
            return
        }
        var time = timespec(
            tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        pthread_cond_timedwait(bell, lock, &time)
    }

    func ring() { pthread_cond_signal(bell) }

    func ringAll() { pthread_cond_broadcast(bell) }

    /// Nanoseconds of the clock that the deadlines are of; it never steps back.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// A thread that runs one function.
///
/// Unchecked: `thread` is written once, before `init` returns; `joined` is guarded by `monitor`.
final class WorkerThread: @unchecked Sendable {
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    private let thread: pthread_t
    private let monitor = Monitor()
    private var joined = false

    init(_ name: String, _ run: @escaping @Sendable () -> Void) throws(DatabaseError) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &thread, nil,
            { raw in
                if let raw { Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run() }
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw DatabaseError.system(doing: "start thread \(name)", errno: code)
        }
        self.thread = thread
    }

    /// Waits for the end of the function, unless called from within it.
    func join() {
        let first = monitor.withLock {
            defer { joined = true }
            return !joined
        }
        guard first else { return }
        if pthread_equal(thread, pthread_self()) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }
}
