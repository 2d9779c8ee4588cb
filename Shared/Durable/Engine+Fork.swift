public import Database

/// Why there can be no such fork.
public enum ForkRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The run has journaled nothing at this path.
    case noSuchStep(String)
    /// The step is given no input, so it can be given no other.
    case takesNoInput(String)

    public var description: String {
        switch self {
        case .noSuchStep(let path): "the run has no step \(path)"
        case .takesNoInput(let path): "the step \(path) takes no input"
        }
    }
}

extension Engine {
    /// Makes a new run that shares what `run` had journaled before the step at `path`, and gives
    /// that step another input. What it shares was paid by `run` and is not billed again; steps
    /// that every run does for itself are done by the fork as well. A wait at `path` is waited for
    /// anew.
    ///
    /// False when `id` is known. The events up to there are copied; then comes a `run.resumed` that
    /// names the origin. `alongside` writes the caller's own rows before those events are mirrored.
    @discardableResult
    public func fork(
        _ run: String, at path: String, input: (some Encodable)?, as id: String,
        limits: Limits? = nil, alongside: (@Sendable (Connection) throws -> Void)? = nil
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
            try $0.fork(run, at: path, input: bytes, as: id, limits, alongside)
        }
    }

    /// The same, with the step's own input: to take another turn with newer code.
    @discardableResult
    public func fork(
        _ run: String, at path: String, as id: String, limits: Limits? = nil,
        alongside: (@Sendable (Connection) throws -> Void)? = nil
    ) async throws -> Bool {
        try await fork(
            run, at: path, input: Done?.none, as: id, limits: limits, alongside: alongside)
    }
}

extension Journal {
    func fork(
        _ run: String, at path: String, input: [UInt8]?, as key: String, _ limits: Limits?,
        _ alongside: (@Sendable (Connection) throws -> Void)?
    ) throws -> Bool {
        let cut = try db.first(
            """
            SELECT durable_journal.run, n, kind = 'step' AND digest <> 0 FROM durable_journal
            JOIN durable_run ON durable_run.id = durable_journal.run
            WHERE key = $1 AND path = $2
            """, run, path
        ) { ($0.int64(0), $0.int64(1), $0.bool(2)) }
        guard let (old, n, takesInput) = cut else { throw ForkRefusal.noSuchStep(path) }
        guard input == nil || takesInput else { throw ForkRefusal.takesNoInput(path) }
        // At least 1: every run begins with its `run.started`.
        let head = try db.first(
            """
            SELECT coalesce(max(head), 1) FROM durable_journal WHERE run = $1 AND n < $2
            """, old, n
        ) { $0.int64(0) }
        guard let head,
            let new = try copyRun(old, key, rows: n, head: head, from: run, at: path, limits)
        else { return false }
        try copyRows(from: old, to: new, before: n, head: head)
        if let input {
            try db.run(
                """
                INSERT INTO durable_journal (run, path, n, head, kind, digest, at, input)
                SELECT $2, path, $3, $4, kind, digest, $5, $6
                FROM durable_journal WHERE run = $1 AND path = $7
                """, old, new, n, head, now, input, path)
        }
        try redo(ownStepsOf: new)
        try alongside?(db)
        try mirrorAll(of: new, key)
        let reason = "forked from \(run) at \(path)"
        try announce(
            RunEvent.resumed, StateChange(state: .running, reason: reason, step: path), run: new)
        return true
    }

    private func copyRows(
        from old: Int64, to new: Int64, before n: Int64, head: Int64
    ) throws {
        try db.run(
            """
            INSERT INTO durable_journal (run, path, n, head, kind, digest, at, due, value,
                failure_code, failure, own, question, retry_from)
            SELECT $2, path, n, head, kind, digest, at, due, value, failure_code, failure, own,
                question, retry_from
            FROM durable_journal
            WHERE run = $1 AND n < $3 AND (value IS NOT NULL OR failure IS NOT NULL)
            """, old, new, n)
        try db.run(
            """
            INSERT INTO durable_event (run, seq, at, kind, body)
            SELECT $2, seq, at, kind, body FROM durable_event WHERE run = $1 AND seq <= $3
            """, old, new, head)
    }

    /// Shows the events that a fork took over to whoever mirrors them.
    private func mirrorAll(of run: Int64, _ key: String) throws {
        guard let mirror else { return }
        let events = try db.all(
            "SELECT seq, at, kind, body FROM durable_event WHERE run = $1 ORDER BY seq", run,
            read: LoggedEvent.init)
        for var event in events {
            event.isCopied = true
            try mirror(db, key, event)
        }
    }

    private func copyRun(
        _ old: Int64, _ key: String, rows: Int64, head: Int64, from run: String, at path: String,
        _ limits: Limits?
    ) throws -> Int64? {
        let time = limits?.time.milliseconds
        return try db.first(
            """
            INSERT INTO durable_run (key, workflow, version, input, spend_limit, row_limit,
                repeat_limit, time_limit, deadline, state, rows, head, lane, repeat_floor, origin,
                origin_path)
            SELECT $2, workflow, version, input, coalesce($8, spend_limit),
                coalesce($9, row_limit), coalesce($10, repeat_limit), coalesce($11, time_limit),
                $3 + coalesce($11, time_limit), 'running', $4, $5, lane, $4, $6, $7
            FROM durable_run WHERE id = $1
            ON CONFLICT (key) DO NOTHING RETURNING id
            """, old, key, now, rows, head, run, path, limits?.spend, limits?.rows,
            limits?.repeats, time
        ) { $0.int64(0) }
    }
}

extension LoggedEvent {
    init(_ row: Row) {
        self.init(seq: row.int64(0), at: row.int64(1), kind: row.text(2), body: row.blob(3))
    }
}
