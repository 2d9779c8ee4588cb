import Contracts
import Mesh
import MeshContract
import REST
import ServiceKit

/// `/workspaces`: groups of people who share runs.
struct WorkspaceEndpoints: Sendable {
    struct Draft: Decodable, Sendable { var name: String }
    struct RoleChange: Decodable, Sendable { var role: String }

    struct WorkspaceView: Codable, Sendable {
        var id: String
        var name: String
        /// The user's own in it.
        var role: String
        var createdAt: String

        init(_ workspace: WorkspaceStore.Workspace, _ role: WorkspaceRole) {
            (id, name, self.role) = (workspace.id, workspace.name, role.rawValue)
            createdAt = rfc3339(workspace.createdAt)
        }
    }

    struct MemberView: Codable, Sendable {
        var userId: String
        var email: String
        var name: String
        var role: String
        var since: String

        init(_ member: WorkspaceStore.Member) {
            (userId, email, name) = (member.account, member.email, member.name)
            (role, since) = (member.role.rawValue, rfc3339(member.since))
        }
    }

    let accounts: Accounts
    let store: WorkspaceStore
    let mesh: MeshClient
    let watches: SharedWatches

    var all: [Endpoint] {
        [
            .get("/workspaces", "Lists the workspaces that the user is in") {
                let list = try await store.list(of: $0.identity.user)
                return try Page(list.map { WorkspaceView($0.workspace, $0.role) }, $0, by: \.id)
            }.paged(),
            .post(
                "/workspaces", "Makes a workspace, with the user for its owner", status: 201,
                bodyLimit: 4_096, Draft.self, make),
            .get("/workspaces/{id}", "Shows a workspace") {
                let (workspace, role) = try await found($0)
                return WorkspaceView(workspace, role)
            },
            .taking(
                "PATCH", "/workspaces/{id}", "Renames a workspace (owner, admin)",
                bodyLimit: 4_096, Draft.self, rename),
            .delete(
                "/workspaces/{id}",
                "Deletes a workspace (owner); its runs stay with who made them", delete
            ).scoped(.admin),
            .get("/workspaces/{id}/members", "Lists who is in a workspace") {
                let (workspace, _) = try await found($0)
                let members = try await store.members(of: workspace.id)
                return try Page(members.map(MemberView.init), $0, by: \.userId)
            }.paged(),
            .taking(
                "PATCH", "/workspaces/{id}/members/{user}", "Changes a member's role",
                bodyLimit: 4_096, RoleChange.self, changeRole
            ).scoped(.admin),
            .delete(
                "/workspaces/{id}/members/{user}", "Takes a member out; anybody may leave", remove
            ).scoped(.admin),
        ]
    }

    @Sendable private func make(
        _ body: Draft, _ incoming: Incoming
    ) async throws -> WorkspaceView {
        try AccountRules.checkName(body.name)
        let workspace = WorkspaceStore.Workspace(
            id: accounts.ambient.makeID("wsp"), name: body.name,
            createdAt: accounts.ambient.now())
        try await store.make(
            workspace, owner: incoming.identity.user,
            noting: entry(.workspaceMake, workspace.id, incoming))
        return WorkspaceView(workspace, .owner)
    }

    @Sendable private func rename(
        _ body: Draft, _ incoming: Incoming
    ) async throws -> WorkspaceView {
        try AccountRules.checkName(body.name)
        var (workspace, role) = try await found(incoming, atLeast: .admin)
        try await store.rename(
            workspace.id, to: body.name, noting: entry(.workspaceRename, workspace.id, incoming))
        workspace.name = body.name
        return WorkspaceView(workspace, role)
    }

    /// The runs first: a workspace whose runs could not be left to their makers is still there.
    @Sendable private func delete(_ incoming: Incoming) async throws {
        let (workspace, _) = try await found(incoming, atLeast: .owner)
        _ = try await mesh.call(Orchestrator.DissolveWorkspace(workspace: workspace.id))
        try await store.delete(
            workspace.id, noting: entry(.workspaceDelete, workspace.id, incoming))
        watches.end(workspace.id)
    }

    @Sendable private func changeRole(
        _ body: RoleChange, _ incoming: Incoming
    ) async throws -> MemberView {
        let role = try WorkspaceRole.read(body.role)
        let (workspace, own) = try await found(incoming)
        var member = try await member(incoming, of: workspace.id)
        guard own.mayManage(member.role), own.mayManage(role) else {
            throw Fault(.denied, "your role in the workspace does not allow this")
        }
        try await store.change(
            member.account, of: workspace.id, from: member.role, to: role,
            noting: entry(
                .memberRole, workspace.id, incoming,
                "\(member.account): \(member.role.rawValue) to \(role.rawValue)"))
        member.role = role
        return MemberView(member)
    }

    @Sendable private func remove(_ incoming: Incoming) async throws {
        let (workspace, own) = try await found(incoming)
        let member = try await member(incoming, of: workspace.id)
        guard member.account == incoming.identity.user || own.mayManage(member.role) else {
            throw Fault(.denied, "your role in the workspace does not allow this")
        }
        try await store.change(
            member.account, of: workspace.id, from: member.role, to: nil,
            noting: entry(.memberRemove, workspace.id, incoming, member.account))
        watches.end(workspace.id, member.account)
    }

    // MARK: Whose

    /// The workspace of the path. One that the user is not in is as good as absent.
    func found(
        _ incoming: Incoming, atLeast least: WorkspaceRole = .viewer
    ) async throws -> (workspace: WorkspaceStore.Workspace, role: WorkspaceRole) {
        let found = try await store.find(
            incoming.parameter("id"), as: incoming.identity.user)
        guard let found else { throw Fault(.notFound, "no such workspace") }
        guard found.role >= least else {
            throw Fault(.denied, "this takes the role \(least.rawValue) in the workspace")
        }
        return found
    }

    private func member(
        _ incoming: Incoming, of workspace: String
    ) async throws -> WorkspaceStore.Member {
        guard let member = try await store.member(incoming.parameter("user"), of: workspace) else {
            throw Fault(.notFound, "no such member")
        }
        return member
    }

    private func entry(
        _ action: AuditLog.Action, _ target: String, _ incoming: Incoming, _ detail: String? = nil
    ) -> AuditStore.Entry {
        accounts.audit.entry(action, by: Doer(incoming), target: target, detail: detail)
    }
}
