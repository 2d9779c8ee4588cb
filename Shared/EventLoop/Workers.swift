import CEpoll
import Glibc
import Synchronization

/// Threads for work that would hold a loop up: `withTaskExecutorPreference(workers) { … }`.
///
/// They give way: a loop that wakes is not made to wait for the end of their time slice, which is
/// some milliseconds (sched(7), nice and SCHED_BATCH). Whoever uses them bounds what is given to
/// them; an executor cannot refuse.
///
/// Unchecked: `jobs`, `head` and `started` are touched with the lock held only.
public final class Workers: TaskExecutor, @unchecked Sendable {
    /// For the whole process: a thread for each processor but one.
    public static let shared = Workers(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1, 1))

    /// `SCHED_BATCH`, which Glibc hides from Swift.
    private static let batch: Int32 = 3

    public let count: Int
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let bell: UnsafeMutablePointer<pthread_cond_t>
    private let nice: Int32
    private var jobs: [UnownedJob] = []
    private var head = 0
    private var started = false

    /// Starts its threads at the first job; they live as long as the process.
    public init(_ count: Int, nice: Int32 = 10) {
        (lock, bell) = (.allocate(capacity: 1), .allocate(capacity: 1))
        pthread_mutex_init(lock, nil)
        pthread_cond_init(bell, nil)
        (self.count, self.nice) = (max(count, 1), nice)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pthread_mutex_lock(lock)
        jobs.append(job)
        pthread_cond_signal(bell)
        let isFirst = !started
        started = true
        pthread_mutex_unlock(lock)
        if isFirst { start() }
    }

    /// Traps when the process has no thread left: nothing else would ever run the job.
    private func start() {
        for _ in 0..<count {
            var made = pthread_t()
            let failure = pthread_create(
                &made, nil, workerThread, Unmanaged.passRetained(self).toOpaque())
            precondition(failure == 0, "no thread for a worker: errno \(failure)")
            pthread_detach(made)
        }
    }

    fileprivate func run() -> Never {
        shim_name_thread("worker")
        // On Linux both are a thread's own. Where they are refused, work goes on as it was.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, nice)
        var none = sched_param()
        sched_setscheduler(0, Self.batch, &none)
        let executor = asUnownedTaskExecutor()
        while true { next().runSynchronously(on: executor) }
    }

    private func next() -> UnownedJob {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while head == jobs.count { pthread_cond_wait(bell, lock) }
        defer {
            head += 1
            if head == jobs.count {
                jobs.removeAll(keepingCapacity: jobs.capacity < 1_024)
                head = 0
            } else if head > 1_024 {
                jobs.removeFirst(head)
                head = 0
            }
        }
        return jobs[head]
    }
}

/// File-level, so that it is not inferred to belong to an actor.
private func workerThread(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<Workers>.fromOpaque(raw).takeUnretainedValue().run()
}
