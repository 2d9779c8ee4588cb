import Database

/// What an administrator does with accounts, and what people want to be told of.
extension AccountStore {
    /// By age, after a cursor; `words` is a part of the address or the name.
    func list(after cursor: String?, words: String?, limit: Int) async throws -> [Account] {
        try await database.read { db in
            try db.all(
                """
                SELECT \(Self.columns) FROM account
                WHERE ($1 IS NULL OR id > $1)
                    AND ($2 IS NULL OR instr(email, $2) > 0 OR instr(lower(name), $2) > 0)
                ORDER BY id LIMIT $3
                """, cursor, words, limit, read: Self.account)
        }
    }

    func setRole(_ role: String, of id: String, noting note: AuditStore.Entry) async throws {
        try await database.transaction { db in
            try note.write(in: db)
            try db.run("UPDATE account SET role = $2 WHERE id = $1", id, role)
        }
    }

    /// A disabled account's sign-ins end, for good.
    func setDisabled(
        _ isDisabled: Bool, of id: String, noting note: AuditStore.Entry
    ) async throws {
        try await database.transaction { db in
            try note.write(in: db)
            try db.run("UPDATE account SET is_disabled = $2 WHERE id = $1", id, isDisabled)
            if isDisabled { try db.run("DELETE FROM sign_in WHERE account = $1", id) }
        }
    }

    // MARK: Notifications

    struct Wish: Sendable {
        var kind: String
        var inApp: Bool
        var email: Bool

        /// What holds for whoever has said nothing.
        init(kind: String, inApp: Bool = true, email: Bool = false) {
            (self.kind, self.inApp, self.email) = (kind, inApp, email)
        }
    }

    func wishes(of account: String) async throws -> [Wish] {
        try await database.read { db in
            try db.all(
                "SELECT kind, in_app, email FROM notification WHERE account = $1", account
            ) { Wish(kind: $0.text(0), inApp: $0.bool(1), email: $0.bool(2)) }
        }
    }

    static func wish(_ kind: String, of account: String, in db: Connection) throws -> Wish {
        try db.first(
            "SELECT in_app, email FROM notification WHERE account = $1 AND kind = $2", account, kind
        ) { Wish(kind: kind, inApp: $0.bool(0), email: $0.bool(1)) } ?? Wish(kind: kind)
    }

    func set(_ wishes: [Wish], of account: String) async throws {
        try await database.transaction { db in
            for wish in wishes {
                try db.run(
                    """
                    INSERT INTO notification (account, kind, in_app, email)
                    VALUES ($1, $2, $3, $4)
                    ON CONFLICT (account, kind) DO UPDATE SET
                        in_app = excluded.in_app, email = excluded.email
                    """, account, wish.kind, wish.inApp, wish.email)
            }
        }
    }
}
