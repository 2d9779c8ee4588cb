internal import SQLite

/// The threads that read, each with a connection of its own, from one queue: a slow search holds up
/// neither the writer nor, while another thread is free, its neighbours.
///
/// Unchecked: `monitor` guards the queue and `closing`; each connection is used by its thread
/// alone.
final class Readers: @unchecked Sendable {
    struct Job {
        let work: (Connection) -> Void
        let refuse: (any Error) -> Void
    }

    private let monitor = Monitor()
    private var queue: [Job] = []
    private var taken = 0  // how many at the front of the queue are done with
    private var closing = false
    private var threads: [WorkerThread] = []
    private let limit: Int

    init(path: String, count: Int, limit: Int) throws {
        self.limit = limit
        do {
            for number in 0..<max(count, 1) {
                let connection = try Connection(
                    path: path, mode: .readOnly, pragmas: Settings.reader)
                let lent = Lent(connection: connection)
                threads.append(
                    try WorkerThread("db-reader-\(number)") { [self] in loop(lent.connection) })
            }
        } catch {
            close()
            throw error
        }
    }

    func submit(_ job: Job) -> DatabaseError? {
        monitor.withLock {
            if closing { return .closed }
            if queue.count - taken >= limit { return .overloaded(limit: limit) }
            queue.append(job)
            monitor.ring()
            return nil
        }
    }

    func close() {
        monitor.withLock {
            closing = true
            monitor.ringAll()
        }
        for thread in threads { thread.join() }
    }

    private func loop(_ connection: Connection) {
        while let job = next() {
            do {
                try connection.run("BEGIN")  // one snapshot for all that the job reads
            } catch {
                job.refuse(error)
                continue
            }
            job.work(connection)
            // A reader has nothing to lose; a failure shows at the next BEGIN.
            if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
        }
        connection.close()
    }

    private func next() -> Job? {
        monitor.withLock {
            while taken == queue.count {
                if closing { return nil }
                monitor.wait()
            }
            let job = queue[taken]
            taken += 1
            if taken == queue.count || taken >= 256 {
                queue.removeFirst(taken)
                taken = 0
            }
            return job
        }
    }
}

/// Carries a connection to the thread that will own it.
///
/// Unchecked: nobody else keeps it.
private struct Lent: @unchecked Sendable {
    let connection: Connection
}
