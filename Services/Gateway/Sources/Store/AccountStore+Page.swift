import Database

/// What a person changes of their own account.
extension AccountStore {
    struct Key: Sendable {
        var id: String
        var name: String
        var createdAt: Int64
    }

    /// Newest first.
    func keys(of account: String, limit: Int) async throws -> [Key] {
        try await database.read { db in
            try db.all(
                """
                SELECT id, name, created_at FROM api_key WHERE account = $1
                ORDER BY created_at DESC, id DESC LIMIT $2
                """, account, limit
            ) { Key(id: $0.text(0), name: $0.text(1), createdAt: $0.int64(2)) }
        }
    }

    /// False for a key that the account does not have.
    func deleteKey(_ id: String, of account: String) async throws -> Bool {
        try await database.transaction { db in
            try db.first(
                "DELETE FROM api_key WHERE id = $1 AND account = $2 RETURNING id", id, account
            ) { $0.text(0) } != nil
        }
    }

    func rename(_ id: String, to name: String) async throws {
        try await database.transaction { db in
            try db.run("UPDATE account SET name = $2 WHERE id = $1", id, name)
        }
    }

    /// Ends every token that was given out.
    func raiseGeneration(of id: String) async throws {
        try await database.transaction { db in
            try db.run("UPDATE account SET generation = generation + 1 WHERE id = $1", id)
        }
    }
}
