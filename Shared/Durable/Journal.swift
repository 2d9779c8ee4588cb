internal import Database

/// What the journal can say, as SQL, inside a transaction that somebody else has begun.
struct Journal {
    let db: Connection
    let now: Int64
    var mirror: (@Sendable (Connection, String, LoggedEvent) throws -> Void)?

    /// Writes one row, its events and its bill, if the fence is still the claim's. This one UPDATE
    /// is fence, state check and number source; without its row nothing is written.
    func append(
        _ record: Record, run: Int64, fence: Int64, _ events: [Event], spend: Int64
    ) throws -> Standing? {
        let found = try db.first(
            """
            UPDATE durable_run
            SET rows = rows + 1, head = head + $3, spent = spent + $4, crashes = 0
            WHERE id = $1 AND fence = $2 AND state IN ('running', 'pausing', 'cancelling')
            RETURNING state, rows, spent, head
            """, run, fence, events.count, spend
        ) { row in
            let state = try RunState(journaled: row.text(0))
            return (Standing(state: state, rows: row.int64(1), spent: row.int64(2)), row.int64(3))
        }
        guard let (standing, head) = found else { return nil }
        let (value, failure) = record.outcome.columns
        try db.run(
            """
            INSERT INTO durable_journal
                (run, path, n, head, kind, digest, at, due, value, failure_code, failure, own,
                question, retry_from)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (run, path) DO UPDATE SET n = $3, head = $4, at = $7, input = NULL,
                value = $9, failure_code = $10, failure = $11, own = $12, retry_from = $14
            """, run, record.path, standing.rows, head, record.kind.rawValue, record.digest, now,
            record.due, value, failure?.code, failure?.message, record.isOwn, record.question,
            failure.flatMap { $0.path == record.path ? nil : $0.path })
        try insert(events, run: run, upTo: head)
        return standing
    }

    /// Numbers the events so that the last of them is `head`.
    func insert(_ events: [Event], run: Int64, upTo head: Int64) throws {
        for (index, event) in events.enumerated() {
            let seq = head - Int64(events.count - 1 - index)
            try db.run(
                "INSERT INTO durable_event (run, seq, at, kind, body) VALUES ($1, $2, $3, $4, $5)",
                run, seq, now, event.kind, event.body)
            guard let mirror else { continue }
            let key = try db.first("SELECT key FROM durable_run WHERE id = $1", run) { $0.text(0) }
            try mirror(
                db, key ?? "", LoggedEvent(seq: seq, at: now, kind: event.kind, body: event.body))
        }
    }

    /// Writes an event of the engine's own, in the transaction that changes the state.
    func announce(_ kind: String, _ change: StateChange, run: Int64) throws {
        let head = try db.first(
            "UPDATE durable_run SET head = head + 1 WHERE id = $1 RETURNING head", run
        ) { $0.int64(0) }
        guard let head else { return }
        let event = Event(kind: kind, body: try Codec.encode(change))
        try insert([event], run: run, upTo: head)
    }

    /// Makes a run, and claims it for `owner` while that engine may still claim. Nil when the key
    /// is known.
    func create(
        _ start: Start, key: String, _ limits: Limits, parent: (id: Int64, path: String)? = nil,
        lane: Int64, owner: Int64? = nil
    ) throws -> Claim? {
        let claim = try db.first(
            """
            INSERT INTO durable_run (key, workflow, version, input, spend_limit, row_limit,
                time_limit, deadline, parent, parent_path, state, fence, owner, lane,
                repeat_limit)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'running', 1,
                (SELECT id FROM durable_engine WHERE id = $11), $12, $13)
            ON CONFLICT (key) DO NOTHING
            RETURNING \(Claim.columns)
            """, key, start.workflow, start.version, start.input, limits.spend, limits.rows,
            limits.time.milliseconds, now + limits.time.milliseconds, parent?.id, parent?.path,
            owner, lane, limits.repeats, read: Claim.init)
        // A run that has to wait for its place is told of when it is given one.
        if let claim, owner != nil { try announceStart(of: claim) }
        return claim
    }

    /// The first event of a run: somebody runs it now.
    func announceStart(of claim: Claim) throws {
        try announce(RunEvent.started, StateChange(state: .running), run: claim.id)
    }

    func entries(of run: Int64) throws -> [Entry] {
        try db.all(
            """
            SELECT path, kind, digest, value, failure_code, failure, input, n, own, retry_from
            FROM durable_journal WHERE run = $1
            """, run
        ) { row in
            let path = row.text(0)
            guard let kind = Entry.Kind(rawValue: row.text(1)) else {
                throw Unreadable(what: "kind \(row.text(1)) at \(path)")
            }
            let failure = row.textOrNil(5).map {
                Entry.Outcome.failure(
                    StepFailure(
                        path: row.textOrNil(9) ?? path, code: row.text(4), message: $0))
            }
            return Entry(
                path: path, kind: kind, digest: row.int64(2),
                outcome: row.blobOrNil(3).map(Entry.Outcome.value) ?? failure,
                input: row.blobOrNil(6), number: row.int64(7), isRedone: row.int(8) == 2)
        }
    }
}

/// A journal that newer or other code has written.
struct Unreadable: Error, CustomStringConvertible {
    let what: String
    var description: String { "the journal holds an unknown \(what)" }
}

extension RunState {
    init(journaled text: String) throws {
        guard let state = RunState(rawValue: text) else { throw Unreadable(what: "state \(text)") }
        self = state
    }
}

extension Entry.Outcome? {
    /// As the journal's columns: at most one of the two is there.
    var columns: (value: [UInt8]?, failure: StepFailure?) {
        switch self {
        case nil: (nil, nil)
        case .value(let bytes): (bytes, nil)
        case .failure(let failure): (nil, failure)
        }
    }
}

extension Claim {
    static let columns = """
        id, key, workflow, version, input, fence, state, rows, woken, spent, spend_limit, \
        row_limit, time_limit, deadline, lane, life, repeat_limit, repeat_floor, head
        """

    init(_ row: Row) throws {
        let limits = Limits(
            spend: row.int64(10), rows: row.int64(11), time: .milliseconds(row.int64(12)),
            repeats: row.int64(16))
        self.init(
            id: row.int64(0), key: row.text(1),
            start: Start(workflow: row.text(2), version: row.int(3), input: row.blob(4)),
            fence: row.int64(5), state: try RunState(journaled: row.text(6)), rows: row.int64(7),
            woken: row.int64(8), spent: row.int64(9), limits: limits, deadline: row.int64(13),
            lane: row.int64(14), life: row.int64(15), floor: row.int64(17), head: row.int64(18))
    }
}
