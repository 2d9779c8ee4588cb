import Contracts
import Database
import MeshContract

/// The ledger's tables. Every change is one transaction that records its entry, its postings and
/// the balances kept beside them.
struct BillingStore: Sendable {
    let database: Database
    let terms: Terms

    /// Opens an account on a plan; a known one keeps its plan.
    func open(_ id: String, on plan: Plan, at now: Int64) async throws -> Billing.Status {
        try await database.transaction { db in
            try db.run(
                """
                INSERT INTO account (
                    id, plan, opened_at, available, held, granted, allocated_month)
                VALUES ($1, $2, $3, 0, 0, 0, '')
                ON CONFLICT (id) DO NOTHING
                """, id, plan, now)
            return status(of: try touch(id, at: now, in: db), at: now)
        }
    }

    /// Reads alone unless the month's allocation is still to be given.
    func status(of id: String, at now: Int64) async throws -> Billing.Status {
        let kept = try await database.read { db in try account(id, in: db) }
        var allocated = kept
        guard try allocated.allocate(Month(containing: now), by: terms) != nil else {
            return status(of: kept, at: now)
        }
        return try await database.transaction { db in
            status(of: try touch(id, at: now, in: db), at: now)
        }
    }

    func grant(
        _ amount: Int64, to id: String, once key: String, at now: Int64
    ) async throws -> Billing.Status {
        try await database.transaction { db in
            var account = try touch(id, at: now, in: db)
            if let owner = try grantee(of: key, in: db) {
                guard owner == id else {
                    throw Fault(.conflict, "the key \(key) granted to another account")
                }
            } else {
                try record(try account.grant(amount, key: key), for: account, at: now, in: db)
            }
            return status(of: account, at: now)
        }
    }

    /// Gives the month's credits to at most `limit` accounts that have not had them; answers with
    /// how many those were.
    func allocate(limit: Int, at now: Int64) async throws -> Int {
        try await database.transaction { db in
            var count = 0
            for plan in Plan.allCases where terms.monthly(for: plan) > 0 {
                let due = try db.all(
                    """
                    SELECT id FROM account WHERE plan = $1 AND allocated_month < $2
                    ORDER BY allocated_month, id LIMIT $3
                    """, plan, Month(containing: now).name, limit - count
                ) { $0.text(0) }
                for id in due { _ = try touch(id, at: now, in: db) }
                count += due.count
            }
            return count
        }
    }

    // MARK: Within a transaction

    /// The account, with this month's credits: whoever needs it first in a month gives them.
    func touch(_ id: String, at now: Int64, in db: Connection) throws -> Account {
        var account = try account(id, in: db)
        if let movement = try account.allocate(Month(containing: now), by: terms) {
            try record(movement, for: account, at: now, in: db)
        }
        return account
    }

    func account(_ id: String, in db: Connection) throws -> Account {
        let found = try db.first("\(Self.accounts) WHERE id = $1", id, read: Self.account)
        guard let found else { throw Fault(.notFound, "no account \(id)") }
        return found
    }

    /// Writes an entry with its postings, and what the account has after it.
    func record(
        _ movement: Movement, for account: Account, at now: Int64, in db: Connection
    ) throws {
        let entry = try db.first(
            """
            INSERT INTO entry (at, account, kind, amount, run, key, balance, note)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            RETURNING id
            """, now, account.id, movement.kind, movement.amount, movement.run, movement.key,
            account.available, movement.note
        ) { $0.int64(0) }
        guard let entry else { throw Fault(.internal, "the entry has no number") }
        for posting in movement.postings {
            try db.run(
                "INSERT INTO posting (entry, book, debit, credit) VALUES ($1, $2, $3, $4)", entry,
                posting.book, posting.debit, posting.credit)
        }
        try db.run(
            """
            UPDATE account SET available = $2, held = $3, granted = $4, allocated_month = $5
            WHERE id = $1
            """, account.id, account.available, account.held, account.granted,
            account.allocatedMonth)
    }

    private func grantee(of key: String, in db: Connection) throws -> String? {
        try db.first(
            "SELECT account FROM entry WHERE kind = $1 AND key = $2", Movement.Kind.grant, key
        ) { $0.text(0) }
    }

    private func status(of account: Account, at now: Int64) -> Billing.Status {
        let monthly = terms.monthly(for: account.plan)
        return Billing.Status(
            account: account.id, plan: account.plan.rawValue,
            isUnlimited: account.plan.isUnlimited, available: account.available,
            held: account.held, granted: account.granted,
            renewsAt: monthly > 0 ? Month(containing: now).next.start : nil,
            monthly: monthly > 0 ? monthly : nil)
    }

    static let accounts =
        "SELECT id, plan, available, held, granted, allocated_month FROM account"

    static func account(_ row: Row) throws -> Account {
        guard let plan = Plan(rawValue: row.text(1)) else {
            throw Fault(.internal, "the account has no plan that is known")
        }
        return Account(
            id: row.text(0), plan: plan, available: row.int64(2), held: row.int64(3),
            granted: row.int64(4), allocatedMonth: row.text(5))
    }
}

extension Plan: Bindable {}
extension Movement.Kind: Bindable {}
extension Book: Bindable {}
extension RunHold.State: Bindable {}
