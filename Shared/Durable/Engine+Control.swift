internal import Database

/// What people and other services may ask of a run.
extension Engine {
    /// Sends a signal, once per key. It waits in the journal until the run asks for it. False when
    /// the key is known, or the run is not or has ended.
    @discardableResult
    public func signal(
        _ run: String, _ name: String, _ body: some Encodable, key: String
    ) async throws -> Bool {
        let bytes = try Codec.encode(body)
        let sent = try await write(
            "\(run):signal",
            committed: { [self] (sent: Sent) in deliver(sent.resolution.map { [$0] } ?? []) }
        ) { journal in
            guard let id = try journal.live(run) else { return Sent(isNew: false) }
            let path = try journal.pending(id, .signal, name: name)
            let isNew = try journal.db.run(
                """
                INSERT INTO durable_signal (run, name, key, body, taken)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
                """, id, name, key, bytes, path != nil)
            guard isNew == 1, let path else { return Sent(isNew: isNew == 1) }
            let resolution = try journal.resolve(run: id, path: path, .value(bytes))
            return Sent(isNew: true, resolution: resolution)
        }
        return sent.isNew
    }

    private struct Sent: Sendable {
        let isNew: Bool
        var resolution: Journal.Resolution?
    }

    /// Says what became of a step that is in doubt, once a person has looked. The run goes on from
    /// there when it is resumed. False when nothing is in doubt at this path.
    @discardableResult
    public func reconcile(
        _ run: String, step path: String, _ value: some Encodable
    ) async throws -> Bool {
        let bytes = try Codec.encode(value)
        return try await change(run, "reconcile") { journal, id in
            guard try journal.pending(id, .step, name: path) == path else { return nil }
            return try journal.resolve(run: id, path: path, .value(bytes))
        }
    }

    func change(
        _ run: String, _ what: String,
        _ body: @escaping @Sendable (Journal, Int64) throws -> Journal.Resolution?
    ) async throws -> Bool {
        let resolution = try await write(
            "\(run):\(what)",
            committed: { [self] (ended: Journal.Resolution?) in
                guard let ended else { return }
                deliver([ended])
                watchers.tell(run, .events)
            }
        ) { journal in
            try journal.live(run).flatMap { try body(journal, $0) }
        }
        return resolution != nil
    }

    /// Cancels a run and its children. From here on it cannot complete. False when it had ended.
    @discardableResult
    public func cancel(_ run: String, reason: String = "cancelled") async throws -> Bool {
        let found = try await write(
            "\(run):cancel",
            committed: { [self] (family: [Journal.Cancelled]) in
                for member in family {
                    active(member.id)?.cancel()
                    if member.isFinal { watchers.end(member.key) }
                    deliver(member.parent.map { [$0] } ?? [])
                }
                ring()
            }
        ) {
            try $0.cancel(run, reason: reason)
        }
        return !found.isEmpty
    }

    /// Stops a run at its next step boundary. False when it is not running and not waiting.
    @discardableResult
    public func pause(_ run: String, reason: String = "asked to") async throws -> Bool {
        let id = try await write(
            "\(run):pause",
            committed: { [self] (id: Int64?) in
                guard let id else { return }
                active(id)?.pause()
                watchers.tell(run, .events)
            }
        ) { journal -> Int64? in
            let id = try journal.db.first(
                """
                UPDATE durable_run SET reason = $2, state = CASE
                    WHEN state = 'running' AND owner IS NOT NULL THEN 'pausing'
                    ELSE 'paused' END
                WHERE key = $1 AND state IN ('running', 'waiting') RETURNING id
                """, run, reason
            ) { $0.int64(0) }
            guard let id else { return nil }
            _ = try journal.end(id)
            return id
        }
        return id != nil
    }

    /// Lets a paused run, or one that needed attention, go on: under other limits, or newer code.
    @discardableResult
    public func resume(
        _ run: String, limits: Limits? = nil, version: Int? = nil
    ) async throws -> Bool {
        try await write(
            "\(run):resume",
            committed: { [self] (resumed: Bool) in
                guard resumed else { return }
                watchers.tell(run, .events)
                ring()
            }
        ) { journal in
            let time = limits?.time.milliseconds
            let id = try journal.db.first(
                """
                UPDATE durable_run SET state = 'running', reason = NULL, crashes = 0,
                    spend_limit = coalesce($2, spend_limit), row_limit = coalesce($3, row_limit),
                    time_limit = coalesce($4, time_limit), deadline = coalesce($5, deadline),
                    version = coalesce($6, version), repeat_limit = coalesce($7, repeat_limit),
                    repeat_floor = rows
                WHERE key = $1 AND state IN ('paused', 'attention') RETURNING id
                """, run, limits?.spend, limits?.rows, time, time.map { journal.now + $0 }, version,
                limits?.repeats
            ) { $0.int64(0) }
            guard let id else { return false }
            try journal.announce(RunEvent.resumed, StateChange(state: .running), run: id)
            return true
        }
    }

    /// Gives a run other limits; its time counts from now. False when it has ended.
    @discardableResult
    public func limit(_ run: String, _ limits: Limits) async throws -> Bool {
        let found = try await write(
            "\(run):limit",
            committed: { [self] (found: (id: Int64, deadline: Int64)?) in
                guard let (id, deadline) = found else { return }
                active(id)?.limit(limits, deadline: deadline)
            }
        ) { journal in
            try journal.db.first(
                """
                UPDATE durable_run SET spend_limit = $2, row_limit = $3, repeat_limit = $4,
                    time_limit = $5, deadline = $6 + $5
                WHERE key = $1 AND state NOT IN ('completed', 'failed', 'cancelled')
                RETURNING id, deadline
                """, run, limits.spend, limits.rows, limits.repeats, limits.time.milliseconds,
                journal.now
            ) { (id: $0.int64(0), deadline: $0.int64(1)) }
        }
        return found != nil
    }
}

extension Journal {
    /// The number of a run that has not ended, and is not about to be cancelled.
    func live(_ run: String) throws -> Int64? {
        try db.first(
            """
            SELECT id FROM durable_run
            WHERE key = $1 AND state NOT IN ('completed', 'failed', 'cancelling', 'cancelled')
            """, run
        ) { $0.int64(0) }
    }
}
