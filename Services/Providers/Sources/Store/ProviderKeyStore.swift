import Database

/// Users' own keys of providers, sealed.
struct ProviderKeyStore: Sendable {
    struct Row: Sendable {
        var user: String
        var provider: String
        var hint: String
        /// By which master key it was sealed.
        var master: String
        var sealed: [UInt8]
        var createdAt: Int64
    }

    let database: Database

    func all() async throws -> [Row] {
        try await database.read { db in
            try db.all(
                """
                SELECT user_id, provider, hint, master_id, sealed, created_at FROM provider_key
                ORDER BY user_id, provider
                """
            ) { row in
                Row(
                    user: row.text(0), provider: row.text(1), hint: row.text(2),
                    master: row.text(3), sealed: row.blob(4), createdAt: row.int64(5))
            }
        }
    }

    func put(_ rows: [Row]) async throws {
        try await database.transaction { db in
            for row in rows {
                try db.run(
                    """
                    INSERT INTO provider_key
                        (user_id, provider, hint, master_id, sealed, created_at)
                    VALUES ($1, $2, $3, $4, $5, $6)
                    ON CONFLICT (user_id, provider) DO UPDATE SET
                        hint = $3, master_id = $4, sealed = $5, created_at = $6
                    """, row.user, row.provider, row.hint, row.master, row.sealed, row.createdAt)
            }
        }
    }

    func delete(_ user: String, _ provider: String) async throws {
        try await database.transaction { db in
            try db.run(
                "DELETE FROM provider_key WHERE user_id = $1 AND provider = $2", user, provider)
        }
    }
}
