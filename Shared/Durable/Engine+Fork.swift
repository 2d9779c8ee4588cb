internal import Database

extension Engine {
    /// Makes a new run that shares what `run` had journaled before the step at `path`, and gives
    /// that step another input. What it shares was paid by `run` and is not billed again.
    ///
    /// False when there is no such step, or `id` is known. The events up to there are copied; then
    /// comes a `run.resumed` that names the origin.
    @discardableResult
    public func fork(
        _ run: String, at path: String, input: (some Encodable)?, as id: String
    ) async throws -> Bool {
        let bytes = try input.map { try Codec.encode($0) }
        return try await write(
            "\(id):fork",
            committed: { [self] (made: Bool) in
                guard made else { return }
                watchers.tell(id, .events)
                ring()
            }
        ) {
            try $0.fork(run, at: path, input: bytes, as: id)
        }
    }

    /// The same, with the step's own input: to take another turn with newer code.
    @discardableResult
    public func fork(_ run: String, at path: String, as id: String) async throws -> Bool {
        try await fork(run, at: path, input: Done?.none, as: id)
    }
}

extension Journal {
    func fork(_ run: String, at path: String, input: [UInt8]?, as key: String) throws -> Bool {
        let cut = try db.first(
            """
            SELECT durable_journal.run, n FROM durable_journal
            JOIN durable_run ON durable_run.id = durable_journal.run
            WHERE key = $1 AND path = $2 AND kind = 'step'
            """, run, path
        ) { ($0.int64(0), $0.int64(1)) }
        guard let (old, n) = cut else { return false }
        // At least 1: every run begins with its `run.started`.
        let head = try db.first(
            """
            SELECT coalesce(max(head), 1) FROM durable_journal WHERE run = $1 AND n < $2
            """, old, n
        ) { $0.int64(0) }
        guard let head, let new = try copyRun(old, key, rows: n, head: head) else { return false }
        try db.run(
            """
            INSERT INTO durable_journal
                (run, path, n, head, kind, digest, at, due, value, failure_code, failure)
            SELECT $2, path, n, head, kind, digest, at, due, value, failure_code, failure
            FROM durable_journal
            WHERE run = $1 AND n < $3 AND (value IS NOT NULL OR failure IS NOT NULL)
            """, old, new, n)
        try db.run(
            """
            INSERT INTO durable_event (run, seq, at, kind, body)
            SELECT $2, seq, at, kind, body FROM durable_event WHERE run = $1 AND seq <= $3
            """, old, new, head)
        if let input {
            try db.run(
                """
                INSERT INTO durable_journal (run, path, n, head, kind, digest, at, input)
                SELECT $2, path, $3, $4, kind, digest, $5, $6
                FROM durable_journal WHERE run = $1 AND path = $7
                """, old, new, n, head, now, input, path)
        }
        let change = StateChange(state: .running, reason: "forked from \(run) at \(path)")
        try announce(RunEvent.resumed, change, run: new)
        return true
    }

    private func copyRun(
        _ old: Int64, _ key: String, rows: Int64, head: Int64
    ) throws -> Int64? {
        try db.first(
            """
            INSERT INTO durable_run (key, workflow, version, input, spend_limit, row_limit,
                time_limit, deadline, state, rows, head)
            SELECT $2, workflow, version, input, spend_limit, row_limit,
                time_limit, $3 + time_limit, 'running', $4, $5
            FROM durable_run WHERE id = $1
            ON CONFLICT (key) DO NOTHING RETURNING id
            """, old, key, now, rows, head
        ) { $0.int64(0) }
    }
}
