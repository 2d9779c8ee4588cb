internal import Database

extension Engine {
    /// Gives a failed run a new life that begins with the step that failed. False when the run has
    /// not failed.
    ///
    /// What the code had done before that step, and what other branches have done, is kept; the
    /// failure and what the run made of it are not. Steps that every run does for itself are done
    /// again, and the keys of all further steps carry the number of the new life.
    @discardableResult
    public func retry(_ run: String, limits: Limits? = nil) async throws -> Bool {
        try await write(
            "\(run):retry",
            committed: { [self] (isRetried: Bool) in
                guard isRetried else { return }
                watchers.tell(run, .events)
                ring()
            }
        ) {
            try $0.retry(run, limits)
        }
    }
}

extension Journal {
    /// One row, as far as a retry asks.
    private struct Place {
        let path: String
        let kind: Entry.Kind
        let isOpen: Bool
        /// Where a retry of it begins; nil for what has not failed.
        let retryFrom: String?
    }

    func retry(_ key: String, _ limits: Limits?) throws -> Bool {
        let found = try db.first(
            "SELECT id, failed_path FROM durable_run WHERE key = $1 AND state = 'failed'", key
        ) { ($0.int64(0), $0.text(1)) }
        guard let (run, failed) = found else { return false }
        for path in Journal.undone(failed, try places(of: run)) {
            try db.run("DELETE FROM durable_journal WHERE run = $1 AND path = $2", run, path)
        }
        try redo(ownStepsOf: run)
        let time = limits?.time.milliseconds
        try db.run(
            """
            UPDATE durable_run SET state = 'running', life = life + 1, crashes = 0, reason = NULL,
                code = NULL, failed_path = NULL, repeat_floor = rows,
                spend_limit = coalesce($2, spend_limit), row_limit = coalesce($3, row_limit),
                repeat_limit = coalesce($4, repeat_limit), time_limit = coalesce($5, time_limit),
                deadline = $6 + coalesce($5, time_limit)
            WHERE id = $1
            """, run, limits?.spend, limits?.rows, limits?.repeats, time, now)
        let step = failed.isEmpty ? nil : failed
        let reason = step.map { "retried from \($0)" } ?? "retried"
        try announce(
            RunEvent.resumed, StateChange(state: .running, reason: reason, step: step), run: run)
        return true
    }

    private func places(of run: Int64) throws -> [Place] {
        try db.all(
            """
            SELECT path, kind, value IS NULL AND failure IS NULL AND own <> 2,
                CASE WHEN failure IS NOT NULL THEN coalesce(retry_from, path) END
            FROM durable_journal WHERE run = $1
            """, run
        ) { row in
            Place(
                path: row.text(0), kind: Entry.Kind(rawValue: row.text(1)) ?? .step,
                isOpen: row.bool(2), retryFrom: row.textOrNil(3))
        }
    }

    /// The rows that a new life does without: the failed step, what stands behind it in the code,
    /// and in branches beside it the same for each failure that its branch ended with.
    private static func undone(_ failed: String, _ places: [Place]) -> Set<String> {
        var undone = Set(places.filter { $0.isOpen && $0.kind != .step }.map(\.path))
        guard places.contains(where: { $0.path == failed }) else { return undone }
        func undo(from first: String) {
            for place in places {
                let order = Path.order(of: place.path, to: first)
                if order == .same || order == .after { undone.insert(place.path) }
            }
        }
        undo(from: failed)
        for failure in places where Path.order(of: failure.path, to: failed) == .beside {
            guard let first = failure.retryFrom else { continue }
            let isHandled = places.contains {
                !undone.contains($0.path) && Path.order(of: $0.path, to: failure.path) == .after
            }
            if !isHandled { undo(from: first) }
        }
        return undone
    }

    /// Leaves of each step that the run did for itself only that it is to be done.
    func redo(ownStepsOf run: Int64) throws {
        let rows = try db.all(
            """
            DELETE FROM durable_journal WHERE run = $1 AND own = 1
            RETURNING path, n, head, kind, digest, at
            """, run
        ) {
            ($0.text(0), $0.int64(1), $0.int64(2), $0.text(3), $0.int64(4), $0.int64(5))
        }
        for (path, n, head, kind, digest, at) in rows {
            try db.run(
                """
                INSERT INTO durable_journal (run, path, n, head, kind, digest, at, own)
                VALUES ($1, $2, $3, $4, $5, $6, $7, 2)
                """, run, path, n, head, kind, digest, at)
        }
    }
}
