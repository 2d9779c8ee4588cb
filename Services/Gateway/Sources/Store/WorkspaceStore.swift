import Database
import MeshContract

/// Workspaces and who is in them.
struct WorkspaceStore: Sendable {
    struct Workspace: Sendable {
        var id: String
        var name: String
        var createdAt: Int64
    }

    struct Member: Sendable {
        var account: String
        var email: String
        var name: String
        var role: WorkspaceRole
        var since: Int64
    }

    static let mostOfAccount = 50
    static let mostMembers = 500

    static let migration = Migration(
        "workspaces",
        """
        CREATE TABLE workspace (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE workspace_member (
            workspace TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            account TEXT NOT NULL REFERENCES account (id),
            role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
            since INTEGER NOT NULL,
            PRIMARY KEY (workspace, account)
        ) STRICT
        """,
        "CREATE INDEX workspace_member_account ON workspace_member (account)",
        """
        CREATE TABLE invitation (
            id TEXT NOT NULL PRIMARY KEY,
            workspace TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            email TEXT NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
            hash BLOB NOT NULL UNIQUE,
            invited_by TEXT NOT NULL REFERENCES account (id),
            created_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            UNIQUE (workspace, email)
        ) STRICT
        """,
        "CREATE INDEX invitation_end ON invitation (ends_at)")

    let database: Database

    func make(
        _ workspace: Workspace, owner: String, noting note: AuditStore.Entry
    ) async throws {
        try await database.transaction { db in
            try Self.checkRoom(for: owner, in: db)
            try note.write(in: db)
            try db.run(
                "INSERT INTO workspace (id, name, created_at) VALUES ($1, $2, $3)", workspace.id,
                workspace.name, workspace.createdAt)
            try Self.add(owner, .owner, to: workspace.id, workspace.createdAt, in: db)
        }
    }

    /// Those that an account is in, the oldest first.
    func list(of account: String) async throws -> [(workspace: Workspace, role: WorkspaceRole)] {
        try await database.read { db in
            try db.all(
                """
                SELECT id, name, created_at, role FROM workspace_member
                JOIN workspace ON workspace.id = workspace
                WHERE account = $1 ORDER BY id
                """, account
            ) { (Self.workspace($0), Self.role($0.text(3))) }
        }
    }

    /// nil for none, and for one that the account is not in.
    func find(
        _ id: String, as account: String
    ) async throws -> (workspace: Workspace, role: WorkspaceRole)? {
        try await database.read { db in
            try db.first(
                """
                SELECT id, name, created_at, role FROM workspace_member
                JOIN workspace ON workspace.id = workspace
                WHERE workspace = $1 AND account = $2
                """, id, account
            ) { (Self.workspace($0), Self.role($0.text(3))) }
        }
    }

    /// The role of an account; nil outside. `isThere` is false for a workspace that is gone.
    func standing(
        of account: String, in id: String
    ) async throws -> (isThere: Bool, role: WorkspaceRole?) {
        try await database.read { db in
            let role = try db.first(
                "SELECT role FROM workspace_member WHERE workspace = $1 AND account = $2", id,
                account
            ) { Self.role($0.text(0)) }
            if let role { return (true, role) }
            let found = try db.first("SELECT 1 FROM workspace WHERE id = $1", id) { $0.int(0) }
            return (found != nil, nil)
        }
    }

    /// False for an account that has ended.
    func isThere(account: String) async throws -> Bool {
        try await database.read { db in
            try db.first("SELECT 1 FROM account WHERE id = $1", account) { $0.int(0) } != nil
        }
    }

    func rename(_ id: String, to name: String, noting note: AuditStore.Entry) async throws {
        try await database.transaction { db in
            try note.write(in: db)
            try db.run("UPDATE workspace SET name = $2 WHERE id = $1", id, name)
        }
    }

    func delete(_ id: String, noting note: AuditStore.Entry) async throws {
        try await database.transaction { db in
            try note.write(in: db)
            try db.run("DELETE FROM workspace WHERE id = $1", id)
        }
    }

    /// The first to join come first.
    func members(of id: String) async throws -> [Member] {
        try await database.read { db in
            try db.all(
                """
                SELECT account.id, email, name, workspace_member.role, since FROM workspace_member
                JOIN account ON account.id = account
                WHERE workspace = $1 ORDER BY since, account.id LIMIT \(Self.mostMembers)
                """, id, read: Self.member)
        }
    }

    func member(_ account: String, of id: String) async throws -> Member? {
        try await database.read { db in
            try db.first(
                """
                SELECT account.id, email, name, workspace_member.role, since FROM workspace_member
                JOIN account ON account.id = account
                WHERE workspace = $1 AND account.id = $2
                """, id, account, read: Self.member)
        }
    }

    /// nil takes the member out. `seen` is the role that the decision was made by: throws `conflict`
    /// when it has changed, and for the last owner.
    func change(
        _ account: String, of id: String, from seen: WorkspaceRole, to role: WorkspaceRole?,
        noting note: AuditStore.Entry
    ) async throws {
        try await database.transaction { db in
            let now = try db.first(
                "SELECT role FROM workspace_member WHERE workspace = $1 AND account = $2", id,
                account
            ) { Self.role($0.text(0)) }
            guard now == seen else {
                throw Fault(.conflict, "the member's role has just been changed")
            }
            let owners = try db.first(
                "SELECT count(*) FROM workspace_member WHERE workspace = $1 AND role = 'owner'", id
            ) { $0.int(0) }
            guard seen != .owner || role == .owner || owners ?? 0 > 1 else {
                throw Fault(
                    .conflict, "a workspace has an owner",
                    detail: "make somebody else an owner first, or delete it")
            }
            try note.write(in: db)
            if let role {
                try db.run(
                    """
                    UPDATE workspace_member SET role = $3 WHERE workspace = $1 AND account = $2
                    """, id, account, role.rawValue)
            } else {
                try db.run(
                    "DELETE FROM workspace_member WHERE workspace = $1 AND account = $2", id,
                    account)
            }
        }
    }

    // MARK: Parts

    static func checkRoom(for account: String, in db: Connection) throws {
        let count = try db.first(
            "SELECT count(*) FROM workspace_member WHERE account = $1", account
        ) { $0.int(0) }
        guard count ?? 0 < mostOfAccount else {
            throw Fault(
                .capped, "an account is in at most \(mostOfAccount) workspaces",
                detail: "workspaces")
        }
    }

    static func add(
        _ account: String, _ role: WorkspaceRole, to id: String, _ now: Int64, in db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO workspace_member (workspace, account, role, since) VALUES ($1, $2, $3, $4)
            """, id, account, role.rawValue, now)
    }

    /// The table has no other ones.
    static func role(_ text: String) -> WorkspaceRole { WorkspaceRole(rawValue: text) ?? .viewer }

    private static func workspace(_ row: Row) -> Workspace {
        Workspace(id: row.text(0), name: row.text(1), createdAt: row.int64(2))
    }

    private static func member(_ row: Row) -> Member {
        Member(
            account: row.text(0), email: row.text(1), name: row.text(2), role: role(row.text(3)),
            since: row.int64(4))
    }
}
