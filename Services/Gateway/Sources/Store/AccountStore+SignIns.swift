import Database

/// Sign-ins: each is a family of refresh tokens of which one counts (RFC 9700, section 4.14.2).
/// Tokens are kept as hashes; those that were used stay, so that their reuse is noticed.
extension AccountStore {
    struct SignIn: Sendable {
        var id: String
        var account: String
        /// `password`, `github` or an issuer.
        var method: String
        var address: String
        var client: String
        var createdAt: Int64
        var usedAt: Int64
        var endsAt: Int64
    }

    /// What became of a refresh token that was shown.
    enum Rotation: Sendable {
        case turned(Account, SignIn)
        /// It was used before: somebody has a copy, so the sign-in has ended.
        case reused
        case unknown
    }

    /// Of one family: what is older is unknown when it is shown again, and as good as refused.
    private static let mostUsedTokens = 500

    /// The account's oldest ones end where it would have more than `limit`.
    func open(
        _ signIn: SignIn, token hash: [UInt8], atMost limit: Int, noting note: AuditStore.Entry
    ) async throws {
        try await database.transaction { db in
            try note.write(in: db)
            try db.run(
                """
                DELETE FROM sign_in WHERE id IN (
                    SELECT id FROM sign_in WHERE account = $1
                    ORDER BY used_at DESC, id DESC LIMIT -1 OFFSET $2)
                """, signIn.account, limit - 1)
            try db.run(
                """
                INSERT INTO sign_in
                    (id, account, method, address, client, created_at, used_at, ends_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """, signIn.id, signIn.account, signIn.method, signIn.address, signIn.client,
                signIn.createdAt, signIn.usedAt, signIn.endsAt)
            try db.run(
                "INSERT INTO refresh_token (hash, sign_in, is_used) VALUES ($1, $2, 0)", hash,
                signIn.id)
        }
    }

    /// Puts a new token in the place of the one that was shown, once. `reuse` makes the entry of one
    /// that was used before.
    func rotate(
        _ hash: [UInt8], to new: [UInt8], now: Int64, endsAt: Int64,
        noting reuse: @escaping @Sendable (SignIn) -> AuditStore.Entry
    ) async throws -> Rotation {
        try await database.transaction { db in
            let shown = try db.first(
                "SELECT sign_in, is_used FROM refresh_token WHERE hash = $1", hash
            ) { (signIn: $0.text(0), isUsed: $0.bool(1)) }
            guard let shown, var signIn = try Self.signIn(shown.signIn, in: db),
                now < signIn.endsAt
            else { return .unknown }
            guard !shown.isUsed else {
                try db.run("DELETE FROM sign_in WHERE id = $1", signIn.id)
                try reuse(signIn).write(in: db)
                return .reused
            }
            let account = try db.first(
                "SELECT \(Self.columns) FROM account WHERE id = $1", signIn.account,
                read: Self.account)
            guard let account else { return .unknown }
            (signIn.usedAt, signIn.endsAt) = (now, endsAt)
            try db.run("UPDATE refresh_token SET is_used = 1 WHERE hash = $1", hash)
            try db.run(
                "INSERT INTO refresh_token (hash, sign_in, is_used) VALUES ($1, $2, 0)", new,
                signIn.id)
            try db.run(
                "UPDATE sign_in SET used_at = $2, ends_at = $3 WHERE id = $1", signIn.id, now,
                endsAt)
            try db.run(
                """
                DELETE FROM refresh_token WHERE rowid IN (
                    SELECT rowid FROM refresh_token WHERE sign_in = $1
                    ORDER BY rowid DESC LIMIT -1 OFFSET $2)
                """, signIn.id, Self.mostUsedTokens)
            return .turned(account, signIn)
        }
    }

    /// The account of a token and whether the sign-in it was made in goes on.
    nonisolated(nonsending) func find(
        id: String, signIn: String?
    ) async throws -> Account? {
        try await database.glance { db in
            try db.first(
                """
                SELECT \(Self.columns) FROM account
                WHERE id = $1 AND ($2 IS NULL
                    OR EXISTS (SELECT 1 FROM sign_in WHERE id = $2 AND account = $1))
                """, id, signIn, read: Self.account)
        }
    }

    /// Which sign-in a refresh token belongs to, used or not; nil for an unknown one.
    func signIn(token hash: [UInt8]) async throws -> SignIn? {
        try await database.read { db in
            let id = try db.first("SELECT sign_in FROM refresh_token WHERE hash = $1", hash) {
                $0.text(0)
            }
            return try id.flatMap { try Self.signIn($0, in: db) }
        }
    }

    /// The one used last comes first.
    func signIns(of account: String, now: Int64, limit: Int) async throws -> [SignIn] {
        try await database.read { db in
            try db.all(
                """
                SELECT \(Self.signInColumns) FROM sign_in WHERE account = $1 AND ends_at > $2
                ORDER BY used_at DESC, id DESC LIMIT $3
                """, account, now, limit, read: Self.signIn)
        }
    }

    /// Ends a sign-in with its tokens. False for one that the account does not have.
    func endSignIn(
        _ id: String, of account: String, noting note: AuditStore.Entry
    ) async throws -> Bool {
        try await database.transaction { db in
            let ended = try db.first(
                "DELETE FROM sign_in WHERE id = $1 AND account = $2 RETURNING id", id, account
            ) { $0.text(0) }
            guard ended != nil else { return false }
            try note.write(in: db)
            return true
        }
    }

    /// Forgets some that are over.
    func forgetSignIns(endedBefore now: Int64) async throws {
        try await database.transaction { db in
            try db.run(
                """
                DELETE FROM sign_in WHERE id IN (
                    SELECT id FROM sign_in WHERE ends_at <= $1 LIMIT 500)
                """, now)
        }
    }

    private static let signInColumns =
        "id, account, method, address, client, created_at, used_at, ends_at"

    private static func signIn(_ id: String, in db: Connection) throws -> SignIn? {
        try db.first(
            "SELECT \(signInColumns) FROM sign_in WHERE id = $1", id, read: signIn)
    }

    private static func signIn(_ row: Row) -> SignIn {
        SignIn(
            id: row.text(0), account: row.text(1), method: row.text(2), address: row.text(3),
            client: row.text(4), createdAt: row.int64(5), usedAt: row.int64(6),
            endsAt: row.int64(7))
    }
}
