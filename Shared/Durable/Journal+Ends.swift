internal import Database

/// How a run ends, or leaves memory.
extension Journal {
    /// What a run's end, or its parking, made of it.
    struct Settlement: Sendable {
        let state: RunState
        /// The wait of the parent that ended with it.
        let parent: Resolution?
    }

    /// The explicit record of completion or failure. A run that was cancelled meanwhile ends
    /// cancelled. Nil when the claim is no longer ours.
    func finish(
        _ claim: Claim, result: Result<[UInt8], StepFailure>, cancelled: Bool, _ events: [Event]
    ) throws -> Settlement? {
        let (value, failure): ([UInt8]?, StepFailure?) =
            switch result {
            case .success(let bytes): (bytes, nil)
            case .failure(let failure): (nil, failure)
            }
        let wanted = failure == nil ? RunState.completed : .failed
        let ended = try db.first(
            """
            UPDATE durable_run SET owner = NULL, head = head + $3,
                state = CASE WHEN state = 'cancelling' OR $4 = 1 THEN 'cancelled' ELSE $5 END,
                result = CASE WHEN state = 'cancelling' OR $4 = 1 THEN NULL ELSE $6 END,
                code = CASE WHEN state = 'cancelling' OR $4 = 1 THEN NULL ELSE $7 END,
                reason = CASE WHEN state = 'cancelling' OR $4 = 1 THEN reason ELSE $8 END,
                failed_path = CASE WHEN state = 'cancelling' OR $4 = 1 THEN NULL ELSE $9 END
            WHERE id = $1 AND fence = $2 AND state IN ('running', 'pausing', 'cancelling')
            RETURNING state, head
            """, claim.id, claim.fence, events.count, cancelled, wanted.rawValue, value,
            failure?.code, failure?.message, failure?.path
        ) { (try RunState(journaled: $0.text(0)), $0.int64(1)) }
        guard let (state, head) = ended else { return nil }
        try insert(events, run: claim.id, upTo: head)
        return Settlement(state: state, parent: try end(claim.id))
    }

    /// Takes a run out of memory. A wake that came since the claim makes it ready again at once.
    func park(_ claim: Claim, woken: Int64, state: RunState, reason: String?) throws -> Settlement?
    {
        let parked = try db.first(
            """
            UPDATE durable_run SET owner = NULL,
                reason = CASE state WHEN 'cancelling' THEN reason
                    WHEN 'pausing' THEN coalesce($5, reason) ELSE $5 END,
                state = CASE
                    WHEN state = 'cancelling'
                        THEN CASE WHEN $3 = 'attention' THEN 'cancelled' ELSE state END
                    WHEN $3 = 'running' THEN state
                    WHEN $3 <> 'waiting' THEN $3
                    WHEN state = 'pausing' THEN 'paused'
                    WHEN woken <> $4 THEN 'running'
                    ELSE 'waiting' END
            WHERE id = $1 AND fence = $2 AND state IN ('running', 'pausing', 'cancelling')
            RETURNING state
            """, claim.id, claim.fence, state.rawValue, woken, reason
        ) { try RunState(journaled: $0.text(0)) }
        guard let parked else { return nil }
        return Settlement(state: parked, parent: try end(claim.id))
    }

    /// Announces the state that a run has come to, and tells its parent when that is final. A state
    /// that is neither final nor wants somebody passes in silence.
    func end(_ run: Int64) throws -> Resolution? {
        let found = try db.first(
            """
            SELECT state, reason, code, result, parent, parent_path, spent, failed_path
            FROM durable_run WHERE id = $1
            """, run
        ) { row in
            let failedPath = row.textOrNil(7) ?? ""
            let change = StateChange(
                state: try RunState(journaled: row.text(0)), reason: row.textOrNil(1),
                code: row.textOrNil(2), step: failedPath.isEmpty ? nil : failedPath)
            return (
                change, row.blobOrNil(3), row.int64OrNil(4), row.textOrNil(5), row.int64(6)
            )
        }
        guard let (change, result, parent, path, spent) = found,
            change.state.isFinal || change.state == .paused || change.state == .attention
        else { return nil }
        try announce("run.\(change.state.rawValue)", change, run: run)
        guard change.state.isFinal else { return nil }
        // What it still waited for must not keep the clock busy.
        try db.run(
            """
            UPDATE durable_journal SET due = NULL
            WHERE run = $1 AND due IS NOT NULL AND value IS NULL AND failure IS NULL
            """, run)
        guard let parent, let path else { return nil }
        let failure = StepFailure(
            path: path, code: change.code ?? change.state.rawValue,
            message: change.reason ?? "the child run was \(change.state.rawValue)")
        return try resolve(
            run: parent, path: path, result.map { .value($0) } ?? .failure(failure), spent: spent)
    }

    /// Cancels a run and its descendants: from here on none of them can complete.
    func cancel(_ key: String, reason: String) throws -> [Cancelled] {
        let found = try db.all(
            """
            WITH RECURSIVE family (id) AS (
                SELECT id FROM durable_run WHERE key = $1
                UNION SELECT durable_run.id FROM durable_run
                    JOIN family ON durable_run.parent = family.id)
            UPDATE durable_run SET code = NULL,
                reason = CASE state WHEN 'cancelling' THEN reason ELSE $2 END,
                state = CASE state WHEN 'attention' THEN 'cancelled' ELSE 'cancelling' END
            WHERE id IN (SELECT id FROM family)
                AND state NOT IN ('completed', 'failed', 'cancelled')
            RETURNING id, key, state
            """, key, reason
        ) { (id: $0.int64(0), key: $0.text(1), isFinal: $0.text(2) == RunState.cancelled.rawValue) }
        return try found.map { run in
            let parent = run.isFinal ? try end(run.id) : nil
            return Cancelled(id: run.id, key: run.key, isFinal: run.isFinal, parent: parent)
        }
    }

    /// One run of a family that was told to end.
    struct Cancelled: Sendable {
        let id: Int64
        let key: String
        /// It needed a person, so there is no function left to unwind.
        let isFinal: Bool
        let parent: Resolution?
    }
}
