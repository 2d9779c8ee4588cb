import Contracts
import Database
import MeshContract

extension BillingStore {
    /// Sets credits aside for a run. A run that has a hold already is answered with it.
    func hold(
        _ amount: Int64, of id: String, for run: String, at now: Int64
    ) async throws -> Billing.HoldState {
        try await database.transaction { db in
            var account = try touch(id, at: now, in: db)
            if let known = try hold(of: run, in: db) {
                guard known.account == id else {
                    throw Fault(.conflict, "run \(run) is paid by another account")
                }
                return state(of: known)
            }
            let movement = try account.hold(amount, for: run)
            let hold = RunHold(
                run: run, account: id, amount: amount, remaining: amount,
                expiresAt: terms.holdEnd(from: now))
            try insert(hold, in: db)
            try record(movement, for: account, at: now, in: db)
            return state(of: hold)
        }
    }

    /// Charges a run, and remembers the key with the answer in the same transaction.
    func capture(
        _ amount: Int64, from run: String, once key: String, for note: String?, at now: Int64
    ) async throws -> Billing.HoldState {
        try await database.transaction { db in
            if let answer = try answer(to: key, of: run, in: db) { return answer }
            var hold = try existingHold(of: run, in: db)
            var account = try touch(hold.account, at: now, in: db)
            let (taken, movement) = try account.capture(amount, from: &hold, key: key)
            try db.run(
                """
                INSERT INTO charge (key, run, asked, taken, captured, remaining)
                VALUES ($1, $2, $3, $4, $5, $6)
                """, key, run, amount, taken, hold.captured, hold.remaining)
            try update(hold, in: db)
            if var movement {
                movement.note = note
                try record(movement, for: account, at: now, in: db)
            }
            return state(of: hold)
        }
    }

    func release(_ run: String, at now: Int64) async throws -> Billing.HoldState {
        try await database.transaction { db in
            var hold = try existingHold(of: run, in: db)
            try end(&hold, as: .released, at: now, in: db)
            return state(of: hold)
        }
    }

    /// Ends at most `limit` holds whose time is over; answers with how many those were.
    func expire(limit: Int, at now: Int64) async throws -> Int {
        try await database.transaction { db in
            let due = try db.all(
                """
                \(Self.holds) WHERE state = 'open' AND expires_at <= $1
                ORDER BY expires_at LIMIT $2
                """, now, limit, read: Self.hold)
            for var hold in due { try end(&hold, as: .expired, at: now, in: db) }
            return due.count
        }
    }

    // MARK: Within a transaction

    private func end(
        _ hold: inout RunHold, as state: RunHold.State, at now: Int64, in db: Connection
    ) throws {
        guard hold.isOpen else { return }
        var account = try touch(hold.account, at: now, in: db)
        let movement = try account.release(&hold, as: state)
        try update(hold, in: db)
        if let movement { try record(movement, for: account, at: now, in: db) }
    }

    /// What a capture with this key was answered, if there was one.
    private func answer(
        to key: String, of run: String, in db: Connection
    ) throws -> Billing.HoldState? {
        let known = try db.first(
            "SELECT run, captured, remaining, asked - taken FROM charge WHERE key = $1", key
        ) { row in
            Billing.HoldState(
                run: row.text(0), captured: row.int64(1), remaining: row.int64(2),
                shortfall: row.int64(3), isOpen: true)
        }
        guard let known else { return nil }
        guard known.run == run else {
            throw Fault(.conflict, "the key \(key) charged another run")
        }
        return known
    }

    private func existingHold(of run: String, in db: Connection) throws -> RunHold {
        guard let hold = try hold(of: run, in: db) else {
            throw Fault(.notFound, "run \(run) has no hold")
        }
        return hold
    }

    private func hold(of run: String, in db: Connection) throws -> RunHold? {
        try db.first("\(Self.holds) WHERE run = $1", run, read: Self.hold)
    }

    private func insert(_ hold: RunHold, in db: Connection) throws {
        try db.run(
            """
            INSERT INTO hold (
                run, account, amount, captured, remaining, shortfall, state, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, hold.run, hold.account, hold.amount, hold.captured, hold.remaining,
            hold.shortfall, hold.state, hold.expiresAt)
    }

    private func update(_ hold: RunHold, in db: Connection) throws {
        try db.run(
            """
            UPDATE hold SET captured = $2, remaining = $3, shortfall = $4, state = $5
            WHERE run = $1
            """, hold.run, hold.captured, hold.remaining, hold.shortfall, hold.state)
    }

    private func state(of hold: RunHold) -> Billing.HoldState {
        Billing.HoldState(
            run: hold.run, captured: hold.captured, remaining: hold.remaining,
            shortfall: hold.shortfall, isOpen: hold.isOpen)
    }

    private static let holds =
        """
        SELECT run, account, amount, captured, remaining, shortfall, state, expires_at FROM hold
        """

    private static func hold(_ row: Row) throws -> RunHold {
        guard let state = RunHold.State(rawValue: row.text(6)) else {
            throw Fault(.internal, "the hold has no state that is known")
        }
        return RunHold(
            run: row.text(0), account: row.text(1), amount: row.int64(2), captured: row.int64(3),
            remaining: row.int64(4), shortfall: row.int64(5), state: state,
            expiresAt: row.int64(7))
    }
}
