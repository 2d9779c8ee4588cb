internal import Database

/// Which engine may run what. A claim raises the run's fence, so an engine that slept through its
/// lease finds that its next write has no row to touch.
struct Leases {
    /// A run at which the process died this often in a row is kept for a person to look at.
    static let crashLimit = 10

    let journal: Journal
    var db: Connection { journal.db }

    init(_ journal: Journal) { self.journal = journal }

    func register(until: Int64) throws -> Int64 {
        let id = try db.first(
            "INSERT INTO durable_engine (until) VALUES ($1) RETURNING id", until
        ) { $0.int64(0) }
        guard let id else { throw Unreadable(what: "engine") }
        return id
    }

    /// False when another engine found this one's lease expired and took its runs.
    func renew(_ engine: Int64, until: Int64) throws -> Bool {
        try db.run("UPDATE durable_engine SET until = $1 WHERE id = $2", until, engine) == 1
    }

    /// Frees the runs of engines that are dead (their file lock is free) or silent (their lease is
    /// over).
    func recover(except me: Int64, isDead: (Int64) -> Bool) throws -> [Journal.Resolution] {
        let others = try db.all("SELECT id, until FROM durable_engine WHERE id <> $1", me) {
            ($0.int64(0), $0.int64(1))
        }
        var resolutions: [Journal.Resolution] = []
        for (engine, until) in others where until < journal.now || isDead(engine) {
            resolutions += try free(engine, crashed: true)
        }
        return resolutions
    }

    /// Lets go of an engine's runs. Answers with the waits that ended because a run did.
    func free(_ engine: Int64, crashed: Bool) throws -> [Journal.Resolution] {
        try db.run(
            """
            UPDATE durable_run SET owner = NULL, fence = fence + 1, crashes = crashes + $2
            WHERE owner = $1 AND state IN ('running', 'pausing', 'cancelling')
            """, engine, crashed)
        try db.run("DELETE FROM durable_engine WHERE id = $1", engine)
        let stuck = try db.all(
            """
            UPDATE durable_run SET crashes = 0,
                state = CASE state WHEN 'cancelling' THEN 'cancelled' ELSE 'attention' END,
                reason = 'the process died ' || crashes || ' times at this place'
            WHERE owner IS NULL AND crashes >= $1
                AND state IN ('running', 'pausing', 'cancelling')
            RETURNING id
            """, Leases.crashLimit
        ) { $0.int64(0) }
        return try stuck.compactMap(journal.end)
    }
}
