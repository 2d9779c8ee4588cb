import Database
import MeshContract
import REST

/// API keys: their hashes, what they may do, until when, and when they were shown last.
extension AccountStore {
    struct Key: Sendable {
        var id: String
        var name: String
        var scopes: Set<Scope>
        var createdAt: Int64
        var expiresAt: Int64?
        /// To the minute.
        var usedAt: Int64?
    }

    /// Throws `capped` when the account has as many as it may. With `replacing`, its others of the
    /// same name end in the same transaction.
    func insertKey(
        _ key: Key, hash: [UInt8], account: String, replacing: Bool, atMost limit: Int,
        noting note: AuditStore.Entry? = nil
    ) async throws {
        try await database.transaction { db in
            try note?.write(in: db)
            if replacing {
                try db.run(
                    "DELETE FROM api_key WHERE account = $1 AND name = $2", account, key.name)
            }
            let count =
                try db.first(
                    "SELECT count(*) FROM api_key WHERE account = $1", account
                ) { $0.int(0) } ?? 0
            guard count < limit else {
                throw Fault(.capped, "an account has at most \(limit) API keys", detail: "API keys")
            }
            try db.run(
                """
                INSERT INTO api_key (id, hash, account, name, scopes, created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, key.id, hash, account, key.name, Scope.text(key.scopes), key.createdAt,
                key.expiresAt)
        }
    }

    /// Newest first.
    func keys(of account: String, limit: Int) async throws -> [Key] {
        try await database.read { db in
            try db.all(
                """
                SELECT \(Self.keyColumns) FROM api_key WHERE account = $1
                ORDER BY created_at DESC, id DESC LIMIT $2
                """, account, limit, read: Self.key)
        }
    }

    /// Whose key it is, and the key.
    func find(keyHash: [UInt8]) async throws -> (account: Account, key: Key)? {
        try await database.read { db in
            let found = try db.first(
                "SELECT \(Self.keyColumns), account FROM api_key WHERE hash = $1", keyHash
            ) { (key: Self.key($0), account: $0.text(6)) }
            guard let found else { return nil }
            let account = try db.first(
                "SELECT \(Self.columns) FROM account WHERE id = $1", found.account,
                read: Self.account)
            return account.map { ($0, found.key) }
        }
    }

    func markUsed(key id: String, at now: Int64) async throws {
        try await database.transaction { db in
            try db.run("UPDATE api_key SET used_at = $2 WHERE id = $1", id, now)
        }
    }

    /// False for a key that the account does not have.
    func deleteKey(
        _ id: String, of account: String, noting note: AuditStore.Entry
    ) async throws -> Bool {
        try await database.transaction { db in
            let ended = try db.first(
                "DELETE FROM api_key WHERE id = $1 AND account = $2 RETURNING id", id, account
            ) { $0.text(0) }
            guard ended != nil else { return false }
            try note.write(in: db)
            return true
        }
    }

    private static let keyColumns = "id, name, scopes, created_at, expires_at, used_at"

    private static func key(_ row: Row) -> Key {
        Key(
            id: row.text(0), name: row.text(1), scopes: Scope.set(row.text(2)),
            createdAt: row.int64(3), expiresAt: row.int64OrNil(4), usedAt: row.int64OrNil(5))
    }
}
