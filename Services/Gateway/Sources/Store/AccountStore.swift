import Database
import MeshContract

/// Accounts, API keys and when each began.
struct AccountStore: Sendable {
    struct Account: Sendable {
        var id: String
        var email: String
        var name: String
        var role: String
        var plan: String
        var passwordHash: String
        var generation: Int64
        var createdAt: Int64
        var isBillingOpen: Bool
        /// No credentials of the account count, and its runs go on.
        var isDisabled = false
    }

    let database: Database

    /// False when the address is taken; then nothing is noted either.
    func insert(
        _ account: Account, atMost limit: Int, noting note: AuditStore.Entry? = nil
    ) async throws -> Bool {
        try await database.transaction { db in
            guard try Self.insert(account, atMost: limit, in: db) else { return false }
            try note?.write(in: db)
            return true
        }
    }

    static func insert(
        _ account: Account, atMost limit: Int, in db: Connection
    ) throws -> Bool {
        let count = try db.first("SELECT count(*) FROM account") { $0.int(0) } ?? 0
        guard count < limit else {
            throw Fault(.capped, "this instance has its \(limit) users", detail: "users")
        }
        let id = try db.first(
            """
            INSERT INTO account
                (id, email, name, role, plan, password_hash, generation, created_at, billing_open)
            VALUES ($1, $2, $3, $4, $5, $6, 1, $7, 0)
            ON CONFLICT (email) DO NOTHING RETURNING id
            """, account.id, account.email, account.name, account.role, account.plan,
            account.passwordHash, account.createdAt
        ) { $0.text(0) }
        return id != nil
    }

    func find(email: String) async throws -> Account? {
        try await database.read { db in
            try db.first(
                "SELECT \(Self.columns) FROM account WHERE email = $1", email, read: Self.account)
        }
    }

    func find(id: String) async throws -> Account? {
        try await database.read { db in
            try db.first(
                "SELECT \(Self.columns) FROM account WHERE id = $1", id, read: Self.account)
        }
    }

    func list(limit: Int) async throws -> [Account] {
        try await database.read { db in
            try db.all(
                "SELECT \(Self.columns) FROM account ORDER BY created_at, id LIMIT $1", limit,
                read: Self.account)
        }
    }

    /// Accounts that billing does not know yet.
    func unopened(limit: Int) async throws -> [Account] {
        try await database.read { db in
            try db.all(
                "SELECT \(Self.columns) FROM account WHERE billing_open = 0 ORDER BY id LIMIT $1",
                limit, read: Self.account)
        }
    }

    func markOpened(_ id: String) async throws {
        try await database.transaction { db in
            try db.run("UPDATE account SET billing_open = 1 WHERE id = $1", id)
        }
    }

    /// Ends every sign-in as well. False for an unknown account.
    func setPassword(
        _ hash: String, of id: String, noting note: AuditStore.Entry
    ) async throws -> Bool {
        try await database.transaction { db in
            try db.run("DELETE FROM sign_in WHERE account = $1", id)
            let changed = try db.first(
                """
                UPDATE account SET password_hash = $2, generation = generation + 1 WHERE id = $1
                RETURNING id
                """, id, hash
            ) { $0.text(0) }
            guard changed != nil else { return false }
            try note.write(in: db)
            return true
        }
    }

    /// Another spelling of the same password, unless it has become another one meanwhile.
    func respell(_ hash: String, of account: Account) async throws {
        try await database.transaction { db in
            try db.run(
                "UPDATE account SET password_hash = $2 WHERE id = $1 AND password_hash = $3",
                account.id, hash, account.passwordHash)
        }
    }

    static let columns =
        "id, email, name, role, plan, password_hash, generation, created_at, billing_open, "
        + "is_disabled"

    static func account(_ row: Row) -> Account {
        Account(
            id: row.text(0), email: row.text(1), name: row.text(2), role: row.text(3),
            plan: row.text(4), passwordHash: row.text(5), generation: row.int64(6),
            createdAt: row.int64(7), isBillingOpen: row.bool(8), isDisabled: row.bool(9))
    }
}
