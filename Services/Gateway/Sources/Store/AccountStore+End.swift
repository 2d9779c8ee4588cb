import Database
import MeshContract

/// How a way to sign in ends, and an account with everything of it in our tables. What other services
/// have of it is noted as left to do.
extension AccountStore {
    /// An account that is gone, and of which other services are yet to be told.
    struct Ended: Sendable {
        var account: String
        /// Those that nobody is in any more.
        var workspaces: [String]
    }

    static let endMigration = Migration(
        "accounts that have ended, with what is left to do elsewhere",
        """
        CREATE TABLE account_end (
            account TEXT NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE workspace_end (
            workspace TEXT NOT NULL PRIMARY KEY,
            account TEXT NOT NULL REFERENCES account_end (account) ON DELETE CASCADE
        ) STRICT
        """,
        "CREATE INDEX invitation_by ON invitation (invited_by)")

    /// Throws `conflict` where it is the last way to sign in. False for none of the account's.
    func unlink(
        issuer: String, subject: String, from account: String, noting note: AuditStore.Entry
    ) async throws -> Bool {
        try await database.transaction { db in
            let gone = try db.first(
                """
                DELETE FROM identity WHERE issuer = $1 AND subject = $2 AND account = $3
                RETURNING issuer
                """, issuer, subject, account
            ) { $0.text(0) }
            guard gone != nil else { return false }
            let others = try db.first(
                """
                SELECT (SELECT count(*) FROM identity WHERE account = $1)
                    + (SELECT count(*) FROM account WHERE id = $1 AND password_hash <> '')
                """, account
            ) { $0.int(0) }
            // Thrown out of the transaction, which takes the removal back.
            guard others ?? 0 > 0 else {
                throw Fault(
                    .conflict, "this is the last way to sign in to the account",
                    detail: "link another one first")
            }
            try note.write(in: db)
            return true
        }
    }

    /// When a sign-in was opened; nil for one that has ended, or is another account's.
    func opened(_ signIn: String, of account: String) async throws -> Int64? {
        try await database.read { db in
            try db.first(
                "SELECT created_at FROM sign_in WHERE id = $1 AND account = $2", signIn, account
            ) { $0.int64(0) }
        }
    }

    /// Ends an account: nothing that proves to be it counts any more. Workspaces that it alone is in end
    /// with it; throws `conflict` where others are in one that it alone owns.
    func end(
        _ account: String, at now: Int64, noting note: AuditStore.Entry
    ) async throws -> Ended {
        try await database.transaction { db in
            try Self.checkOwners(besides: account, in: db)
            let alone = try db.all(
                """
                SELECT workspace FROM workspace_member WHERE account = $1 AND NOT EXISTS (
                    SELECT 1 FROM workspace_member AS other
                    WHERE other.workspace = workspace_member.workspace AND other.account <> $1)
                """, account
            ) { $0.text(0) }
            try db.run("INSERT INTO account_end (account, at) VALUES ($1, $2)", account, now)
            for workspace in alone {
                try db.run(
                    "INSERT INTO workspace_end (workspace, account) VALUES ($1, $2)", workspace,
                    account)
                try db.run("DELETE FROM workspace WHERE id = $1", workspace)
            }
            for table in [
                "workspace_member", "notification", "notice", "notice_person", "identity",
                "sign_in_attempt", "sign_in", "api_key",
            ] { try db.run("DELETE FROM \(table) WHERE account = $1", account) }
            try db.run("DELETE FROM invitation WHERE invited_by = $1", account)
            let gone = try db.first("DELETE FROM account WHERE id = $1 RETURNING id", account) {
                $0.text(0)
            }
            guard gone != nil else { throw Fault(.unauthenticated, "the account is gone") }
            try note.write(in: db)
            return Ended(account: account, workspaces: alone)
        }
    }

    private static func checkOwners(besides account: String, in db: Connection) throws {
        let name = try db.first(
            """
            SELECT name FROM workspace JOIN workspace_member AS own ON own.workspace = id
            WHERE own.account = $1 AND own.role = 'owner'
                AND NOT EXISTS (SELECT 1 FROM workspace_member AS other WHERE other.workspace = id
                    AND other.account <> $1 AND other.role = 'owner')
                AND EXISTS (SELECT 1 FROM workspace_member AS other WHERE other.workspace = id
                    AND other.account <> $1)
            ORDER BY id
            """, account
        ) { $0.text(0) }
        guard let name else { return }
        throw Fault(
            .conflict, "others are in the workspace \(name), which you alone own",
            detail: "make somebody else an owner first, or delete it")
    }

    // MARK: What is left to do

    func ended(limit: Int) async throws -> [Ended] {
        try await database.read { db in
            let accounts = try db.all(
                "SELECT account FROM account_end ORDER BY at, account LIMIT $1", limit
            ) { $0.text(0) }
            return try accounts.map { account in
                let workspaces = try db.all(
                    "SELECT workspace FROM workspace_end WHERE account = $1 ORDER BY workspace",
                    account
                ) { $0.text(0) }
                return Ended(account: account, workspaces: workspaces)
            }
        }
    }

    /// Everybody has been told.
    func forgetEnded(_ account: String) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM account_end WHERE account = $1", account)
        }
    }
}
