internal import SQLite
import Synchronization

/// The thread that owns the writing connection. What queued while the last commit was on its way to
/// disk commits together: that is the group commit.
///
/// Unchecked: `monitor` guards the queue, the alarms and `closing`; the connection is used by the
/// thread alone once `start` was called.
final class Writer: @unchecked Sendable {
    /// One transaction as its caller asked for it, and how to tell the caller.
    struct Job {
        /// Answers with what to do once the commit is on disk.
        let work: (Connection) throws -> () -> Void
        let refuse: (any Error) -> Void
    }

    private struct Bell {
        var deadline: UInt64
        let body: Alarm.Body
    }

    private let monitor = Monitor()
    private var queue: [Job] = []
    private var bells: [Int: Bell] = [:]
    private var bellsMade = 0
    private var closing = false
    private var thread: WorkerThread?
    private let connection: Connection
    private let options: DatabaseOptions
    private let commits = Atomic<UInt64>(0)

    init(_ connection: sending Connection, _ options: DatabaseOptions) throws(DatabaseError) {
        (self.connection, self.options) = (connection, options)
        thread = try WorkerThread("db-writer") { [self] in loop() }
    }

    /// How many commits there were, those included that may have failed.
    var edition: UInt64 { commits.load(ordering: .sequentiallyConsistent) }

    /// Nil when the job was taken; it is then answered in any case.
    func submit(_ job: Job) -> DatabaseError? {
        monitor.withLock {
            if closing { return .closed }
            if queue.count >= options.writeQueueLimit {
                return .overloaded(limit: options.writeQueueLimit)
            }
            queue.append(job)
            monitor.ring()
            return nil
        }
    }

    /// Finishes what is queued and ends the thread.
    func close() {
        monitor.withLock {
            closing = true
            monitor.ring()
        }
        thread?.join()
    }

    // MARK: Alarms

    func addAlarm(_ body: @escaping Alarm.Body) -> Int {
        monitor.withLock {
            bellsMade += 1
            bells[bellsMade] = Bell(deadline: .max, body: body)
            return bellsMade
        }
    }

    func removeAlarm(_ number: Int) {
        monitor.withLock { bells[number] = nil }
    }

    func ring(_ number: Int, at time: UInt64) {
        monitor.withLock {
            guard let bell = bells[number], time < bell.deadline else { return }
            bells[number]?.deadline = time
            monitor.ring()
        }
    }

    // MARK: The thread

    private func loop() {
        while let (jobs, due) = next() {
            if !jobs.isEmpty { serve(jobs) }
            for number in due { sound(number) }
        }
        connection.close()
    }

    /// Waits for work. Nil when the queue is empty for good.
    private func next() -> (jobs: [Job], due: [Int])? {
        monitor.withLock {
            while true {
                let now = Monitor.now()
                let due = closing ? [] : bells.filter { $0.value.deadline <= now }.keys.sorted()
                if !queue.isEmpty || !due.isEmpty { return (takeBatch(), due) }
                if closing { return nil }
                monitor.wait(until: bells.values.map(\.deadline).min() ?? .max)
            }
        }
    }

    private func takeBatch() -> [Job] {
        var batch: [Job] = []
        if queue.count <= options.batchLimit {
            swap(&batch, &queue)
        } else {
            batch = Array(queue.prefix(options.batchLimit))
            queue.removeFirst(options.batchLimit)
        }
        return batch
    }

    /// One transaction for all; each job in a savepoint of its own, so that one which fails does
    /// not refuse its neighbours.
    private func serve(_ jobs: [Job]) {
        var accepted: [(job: Job, acknowledge: () -> Void)] = []
        var untried = jobs[...]
        do {
            try connection.run("BEGIN IMMEDIATE")
            while let job = untried.popFirst() {
                do {
                    accepted.append((job, try attempt(job, alone: jobs.count == 1)))
                } catch {
                    job.refuse(error)
                    // A full disk takes the whole transaction with it: what was accepted is gone.
                    guard connection.isInTransaction else { throw error }
                }
            }
            if !accepted.isEmpty { try options.beforeCommit?() }
            if accepted.isEmpty { try connection.run("ROLLBACK") } else { try commit() }
        } catch {
            rollBack()
            for (job, _) in accepted { job.refuse(error) }
            for job in untried { job.refuse(error) }
            return
        }
        for (_, acknowledge) in accepted { acknowledge() }
    }

    /// Before anybody hears of it, what was read earlier is known to be old.
    private func commit() throws {
        defer { commits.add(1, ordering: .sequentiallyConsistent) }
        try connection.run("COMMIT")
    }

    private func attempt(_ job: Job, alone: Bool) throws -> () -> Void {
        if alone { return try checked(job.work) }
        try connection.run("SAVEPOINT job")
        do {
            let acknowledge = try checked(job.work)
            try connection.run("RELEASE job")
            return acknowledge
        } catch {
            guard connection.isInTransaction else { throw error }
            do {
                try connection.run("ROLLBACK TO job")
                try connection.run("RELEASE job")
            } catch {
                rollBack()  // the savepoint is beyond saving, and with it the transaction
            }
            throw error
        }
    }

    private func checked<T>(_ work: (Connection) throws -> T) throws -> T {
        let value = try work(connection)
        guard connection.isInTransaction else { throw DatabaseError.transactionEnded }
        if connection.hasBrokenReference {
            // The commit would refuse it, and everyone else's work with it.
            throw SQLiteError(
                code: 787, message: "FOREIGN KEY constraint failed", sql: "end of transaction")
        }
        return value
    }

    private func sound(_ number: Int) {
        let body = monitor.withLock {
            bells[number]?.deadline = .max
            return bells[number]?.body
        }
        guard let body else { return }
        do {
            try connection.run("BEGIN IMMEDIATE")
            let next = try checked(body)
            try options.beforeCommit?()
            try commit()
            if let after = next.after { ring(number, at: Monitor.now() + after.nanoseconds) }
            next.committed()
        } catch {
            rollBack()
            ring(number, at: Monitor.now() + Alarm.retryDelay.nanoseconds)
        }
    }

    /// What cannot be rolled back was rolled back by SQLite already, or the file is beyond reach;
    /// either way the next `BEGIN` says so to its caller.
    private func rollBack() {
        if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
    }
}
