internal import Database

/// Waits: rows without an outcome, ended once by whoever holds the answer.
extension Journal {
    /// A wait that has ended.
    struct Resolution: Sendable {
        let run: Int64
        let path: String
        let outcome: Entry.Outcome
    }

    /// Journals a wait. A child begins in the same transaction; a signal that is there ends it.
    func open(
        _ record: Record, name: String, claim: Claim, _ events: [Event], _ start: Start?,
        _ limits: Limits
    ) throws -> (standing: Standing?, outcome: Entry.Outcome?) {
        let standing = try append(record, run: claim.id, fence: claim.fence, events, spend: 0)
        guard standing != nil else { return (nil, nil) }
        if let start {
            let key = "\(claim.lifeID)/\(record.path)"
            let parent = (claim.id, record.path)
            guard try create(start, key: key, limits, parent: parent, lane: claim.lane) != nil
            else { throw Unreadable(what: "run \(key), which is no child") }
        }
        guard record.kind == .signal else { return (standing, nil) }
        let body = try db.first(
            """
            UPDATE durable_signal SET taken = 1
            WHERE id = (SELECT min(id) FROM durable_signal
                WHERE run = $1 AND name = $2 AND taken = 0)
            RETURNING body
            """, claim.id, name
        ) { $0.blob(0) }
        guard let body else { return (standing, nil) }
        try db.run(
            "UPDATE durable_journal SET value = $1, at = $2 WHERE run = $3 AND path = $4",
            body, now, claim.id, record.path)
        return (standing, .value(body))
    }

    /// Ends a wait, once, and tells of it. Wakes the run if it was evicted. What a child has spent
    /// is on its parent's bill.
    func resolve(
        run: Int64, path: String, _ outcome: Entry.Outcome, _ event: Event? = nil,
        spent: Int64 = 0
    ) throws -> Resolution? {
        let (value, failure) = Optional(outcome).columns
        let changed = try db.run(
            """
            UPDATE durable_journal SET value = $3, failure_code = $4, failure = $5, at = $6,
                n = (SELECT rows + 1 FROM durable_run WHERE id = $1),
                head = (SELECT head + $7 FROM durable_run WHERE id = $1)
            WHERE run = $1 AND path = $2 AND value IS NULL AND failure IS NULL
                AND (SELECT state FROM durable_run WHERE id = $1)
                    NOT IN ('completed', 'failed', 'cancelled')
            """, run, path, value, failure?.code, failure?.message, now, event == nil ? 0 : 1)
        guard changed == 1 else { return nil }
        let head = try db.first(
            """
            UPDATE durable_run SET woken = woken + 1, rows = rows + 1, head = head + $2,
                spent = spent + $3, state = CASE state WHEN 'waiting' THEN 'running' ELSE state END
            WHERE id = $1 RETURNING head
            """, run, event == nil ? 0 : 1, spent
        ) { $0.int64(0) }
        if let event, let head { try insert([event], run: run, upTo: head) }
        return Resolution(run: run, path: path, outcome: outcome)
    }

    /// The path of the first open wait of this kind that is named, or is at, `name`.
    func pending(_ run: Int64, _ kind: Entry.Kind, name: String) throws -> String? {
        let paths = try db.all(
            """
            SELECT path FROM durable_journal
            WHERE run = $1 AND kind = $2 AND value IS NULL AND failure IS NULL
            ORDER BY n
            """, run, kind.rawValue
        ) { $0.text(0) }
        return paths.first { path in
            path == name || Path.name(path) == name
        }
    }

    func fireTimers(limit: Int) throws -> [Resolution] {
        let due = try db.all(
            """
            SELECT run, path, kind FROM durable_journal
            WHERE due IS NOT NULL AND value IS NULL AND failure IS NULL AND due <= $1
            ORDER BY due LIMIT $2
            """, now, limit
        ) { ($0.int64(0), $0.text(1), $0.text(2)) }
        return try due.compactMap { run, path, kind in
            if kind == Entry.Kind.timer.rawValue {
                return try resolve(run: run, path: path, .value([]))
            }
            let expired = StepFailure(path: path, code: "expired", message: "no answer in time")
            let event =
                try kind == Entry.Kind.gate.rawValue ? Event.decided(path, nil, by: nil) : nil
            return try resolve(run: run, path: path, .failure(expired), event)
        }
    }

    /// When the next wait ends by itself. What belongs to ended runs never does.
    func nextDue() throws -> Int64? {
        try db.first(
            """
            SELECT min(due) FROM durable_journal
            WHERE due IS NOT NULL AND value IS NULL AND failure IS NULL AND due > $1
            """, now
        ) { $0.int64OrNil(0) } ?? nil
    }
}
