import Contracts
import Database
import MeshContract
import Routing

/// What was spent under each budget, by whom and since when, and what is held for requests under way.
struct BudgetStore: Sendable {
    /// A budget that a request falls under, and the account that it does in.
    struct Claim: Sendable {
        let budget: Budget
        let account: Account

        init(_ budget: Budget, _ account: Account) {
            (self.budget, self.account) = (budget, account)
        }
    }

    static let mostAccounts = 1_000

    let database: Database
    /// Of this life of the process: a hold of another was left behind.
    let epoch: String

    /// Holds an amount in every account, or in none where one would be exceeded. Transactions go one
    /// after the other, so that two requests never hold the same money.
    func hold(_ id: String, _ claims: [Claim], _ amount: Int64?, at now: Int64) async throws {
        try await database.transaction { [epoch] db in
            for claim in claims {
                let (spent, held) = try Self.used(claim.account, in: db)
                try claim.budget.judge(amount, spent: spent, held: held)
            }
            for claim in claims {
                try db.run(
                    """
                    INSERT INTO budget_hold
                        (id, budget, subject, starts_at, amount_nano_usd, epoch, held_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
                    """, id, claim.account.budget, claim.account.subject, claim.account.start,
                    amount ?? 0, epoch, now)
            }
        }
    }

    /// Puts what was spent in the place of a hold; once.
    func settle(_ id: String, _ amount: Int64, at now: Int64) async throws {
        try await database.transaction { db in
            try Self.spend(.ofID, id, max(amount, 0), now, in: db)
        }
    }

    /// Books in full what processes that are gone had held; answers with how many holds.
    func settleAbandoned() async throws -> Int {
        try await database.transaction { [epoch] db in
            try Self.spend(.notOfEpoch, epoch, nil, nil, in: db)
        }
    }

    private enum Holds: String {
        case ofID = "id = $1"
        case notOfEpoch = "epoch <> $1"
    }

    /// Moves holds into what is spent; nil for the amounts and moments of the holds themselves.
    @discardableResult
    private static func spend(
        _ holds: Holds, _ value: String, _ amount: Int64?, _ now: Int64?, in db: Connection
    ) throws -> Int {
        try db.run(
            """
            INSERT INTO budget_spending (budget, subject, starts_at, spent_nano_usd, spent_at)
            SELECT budget, subject, starts_at,
                sum(coalesce($2, min(amount_nano_usd, 1000000000000000))),
                max(coalesce($3, held_at))
            FROM budget_hold WHERE \(holds.rawValue)
            GROUP BY budget, subject, starts_at
            ON CONFLICT (budget, subject, starts_at) DO UPDATE SET
                spent_nano_usd = min(
                    spent_nano_usd, 9223372036854775807 - excluded.spent_nano_usd)
                    + excluded.spent_nano_usd,
                spent_at = excluded.spent_at
            """, value, amount, now)
        return try db.run("DELETE FROM budget_hold WHERE \(holds.rawValue)", value)
    }

    private static func used(
        _ account: Account, in db: Connection
    ) throws -> (spent: Int64, held: Int64) {
        let spent = try db.first(
            """
            SELECT spent_nano_usd FROM budget_spending
            WHERE budget = $1 AND subject = $2 AND starts_at = $3
            """, account.budget, account.subject, account.start
        ) { $0.int64(0) }
        // Amounts are bounded, so that thousands of them cannot exceed what an integer holds.
        let held = try db.first(
            """
            SELECT coalesce(sum(min(amount_nano_usd, 1000000000000000)), 0) FROM budget_hold
            WHERE budget = $1 AND subject = $2 AND starts_at = $3
            """, account.budget, account.subject, account.start
        ) { $0.int64(0) }
        return (spent ?? 0, held ?? 0)
    }

    /// Of one subject or of all, under a user's own budgets or all, the latest spenders first.
    func accounts(
        of subject: String?, under owner: String?
    ) async throws -> [Providers.BudgetAccount] {
        try await database.read { db in
            try db.all(
                """
                SELECT budget, subject, starts_at, sum(spent), sum(held) FROM (
                    SELECT budget, subject, starts_at, spent_nano_usd AS spent, 0 AS held,
                        spent_at AS at
                    FROM budget_spending WHERE $1 IS NULL OR subject = $1
                    UNION ALL
                    SELECT budget, subject, starts_at, 0, min(amount_nano_usd, 1000000000000000),
                        held_at
                    FROM budget_hold WHERE $1 IS NULL OR subject = $1)
                WHERE $3 IS NULL OR budget IN (SELECT name FROM budget WHERE owner = $3)
                GROUP BY budget, subject, starts_at
                ORDER BY max(at) DESC, budget, subject LIMIT $2
                """, subject, Self.mostAccounts, owner
            ) { row in
                Providers.BudgetAccount(
                    budget: row.text(0), subject: row.text(1), since: row.int64(2),
                    spentNanoUSD: row.int64(3), heldNanoUSD: row.int64(4))
            }
        }
    }

    /// Lets go of some accounts that nothing was spent from since `moment`; answers with how many.
    func forget(before moment: Int64, limit: Int) async throws -> Int {
        try await database.transaction { db in
            try db.run(
                """
                DELETE FROM budget_spending WHERE rowid IN (
                    SELECT rowid FROM budget_spending WHERE spent_at < $1 LIMIT $2)
                """, moment, limit)
        }
    }

    // MARK: Rules

    func rules() async throws -> [Budget] {
        try await database.read { db in
            let rows = try db.all(
                """
                SELECT name, scope, subject, period, limit_nano_usd, allows_unpriced, owner
                FROM budget
                ORDER BY name
                """
            ) { row -> Budget? in
                guard let scope = Budget.Scope(rawValue: row.text(1)),
                    let period = Budget.Period(rawValue: row.text(3))
                else { return nil }
                return Budget(
                    row.text(0), scope, subject: row.text(2), period: period,
                    limit: row.int64(4), allowsUnpriced: row.bool(5), owner: row.textOrNil(6))
            }
            return rows.compactMap { $0 }
        }
    }

    func set(_ budget: Budget, at now: Int64) async throws {
        try await database.transaction { db in
            try db.run(
                """
                INSERT INTO budget
                    (name, scope, subject, period, limit_nano_usd, allows_unpriced, set_at, owner)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (name) DO UPDATE SET
                    scope = $2, subject = $3, period = $4, limit_nano_usd = $5,
                    allows_unpriced = $6, set_at = $7, owner = $8
                """, budget.name, budget.scope.rawValue, budget.subject, budget.period.rawValue,
                budget.limit, budget.allowsUnpriced, now, budget.owner)
        }
    }

    func delete(_ name: String) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM budget WHERE name = $1", name)
        }
    }
}
