import Database
import MeshContract

/// Invitations: a token for one person, of which the hash is kept until it is used or over.
extension WorkspaceStore {
    struct Invitation: Sendable {
        var id: String
        var workspace: String
        var email: String
        var role: WorkspaceRole
        var invitedBy: String
        var createdAt: Int64
        var endsAt: Int64
    }

    static let mostInvitations = 100

    /// An earlier one to the same address ends.
    func invite(
        _ invitation: Invitation, token hash: [UInt8], noting note: AuditStore.Entry
    ) async throws {
        try await database.transaction { db in
            let isMember = try db.first(
                """
                SELECT 1 FROM workspace_member JOIN account ON account.id = account
                WHERE workspace = $1 AND email = $2
                """, invitation.workspace, invitation.email
            ) { $0.int(0) }
            guard isMember == nil else {
                throw Fault(.conflict, "this person is in the workspace already")
            }
            try db.run(
                "DELETE FROM invitation WHERE workspace = $1 AND (email = $2 OR ends_at <= $3)",
                invitation.workspace, invitation.email, invitation.createdAt)
            let count = try db.first(
                "SELECT count(*) FROM invitation WHERE workspace = $1", invitation.workspace
            ) { $0.int(0) }
            guard count ?? 0 < Self.mostInvitations else {
                throw Fault(
                    .capped, "a workspace has at most \(Self.mostInvitations) open invitations",
                    detail: "invitations")
            }
            try db.run(
                """
                INSERT INTO invitation
                    (id, workspace, email, role, hash, invited_by, created_at, ends_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """, invitation.id, invitation.workspace, invitation.email,
                invitation.role.rawValue, hash, invitation.invitedBy, invitation.createdAt,
                invitation.endsAt)
            try note.write(in: db)
        }
    }

    /// Those that still count, newest first.
    func invitations(of id: String, now: Int64) async throws -> [Invitation] {
        try await database.read { db in
            try db.all(
                """
                SELECT id, workspace, email, role, invited_by, created_at, ends_at FROM invitation
                WHERE workspace = $1 AND ends_at > $2 ORDER BY id DESC
                """, id, now, read: Self.invitation)
        }
    }

    func invitation(_ id: String, of workspace: String) async throws -> Invitation? {
        try await database.read { db in
            try db.first(
                """
                SELECT id, workspace, email, role, invited_by, created_at, ends_at FROM invitation
                WHERE id = $1 AND workspace = $2
                """, id, workspace, read: Self.invitation)
        }
    }

    func revoke(_ id: String, noting note: AuditStore.Entry) async throws {
        try await database.transaction { db in
            try note.write(in: db)
            try db.run("DELETE FROM invitation WHERE id = $1", id)
        }
    }

    /// Lets the bearer of a token in, once, where the account is of the address that was invited.
    /// Throws `not-found` for a token that does not count (any more), `denied` for another's.
    func accept(
        token hash: [UInt8], account: String, email: String, now: Int64,
        noting note: @escaping @Sendable (Invitation) -> AuditStore.Entry
    ) async throws -> Invitation {
        try await database.transaction { db in
            let found = try db.first(
                """
                SELECT id, workspace, email, role, invited_by, created_at, ends_at FROM invitation
                WHERE hash = $1
                """, hash, read: Self.invitation)
            guard let found, now < found.endsAt else {
                throw Fault(
                    .notFound, "this invitation is not known, was used or withdrawn, or is over")
            }
            guard found.email == email else {
                throw Fault(.denied, "this invitation is for another e-mail address")
            }
            // Who has invited must still be allowed to when it is taken.
            let inviter = try db.first(
                "SELECT role FROM workspace_member WHERE workspace = $1 AND account = $2",
                found.workspace, found.invitedBy
            ) { Self.role($0.text(0)) }
            guard let inviter, inviter.mayManage(found.role) else {
                throw Fault(
                    .notFound, "this invitation is not known, was used or withdrawn, or is over")
            }
            let known = try db.first(
                "SELECT 1 FROM workspace_member WHERE workspace = $1 AND account = $2",
                found.workspace, account
            ) { $0.int(0) }
            guard known == nil else {
                throw Fault(.conflict, "you are in the workspace already")
            }
            let members = try db.first(
                "SELECT count(*) FROM workspace_member WHERE workspace = $1", found.workspace
            ) { $0.int(0) }
            guard members ?? 0 < Self.mostMembers else {
                throw Fault(
                    .capped, "a workspace has at most \(Self.mostMembers) members",
                    detail: "members")
            }
            try Self.checkRoom(for: account, in: db)
            try db.run("DELETE FROM invitation WHERE id = $1", found.id)
            try Self.add(account, found.role, to: found.workspace, now, in: db)
            try note(found).write(in: db)
            return found
        }
    }

    func forgetInvitations(endedBefore now: Int64) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM invitation WHERE ends_at <= $1", now)
        }
    }

    private static func invitation(_ row: Row) -> Invitation {
        Invitation(
            id: row.text(0), workspace: row.text(1), email: row.text(2), role: role(row.text(3)),
            invitedBy: row.text(4), createdAt: row.int64(5), endsAt: row.int64(6))
    }
}
