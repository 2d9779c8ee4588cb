import Contracts
import Crypto
import HTTP
import Log
import Mesh
import MeshContract
import REST
import ServiceKit

/// Invitations into a workspace: a link with a token that counts once, for the address it is for.
struct InvitationEndpoints: Sendable {
    struct Draft: Decodable, Sendable {
        var email: String
        /// `member` without it.
        var role: String?
    }

    struct Acceptance: Decodable, Sendable { var token: String }

    struct InvitationView: Codable, Sendable {
        var id: String
        var email: String
        var role: String
        var invitedBy: String
        var createdAt: String
        var expiresAt: String
        /// Told once, when it is made.
        var url: String?
        var token: String?
        /// True where the providers service has taken it as an e-mail.
        var emailSent: Bool?

        init(_ invitation: WorkspaceStore.Invitation) {
            (id, email) = (invitation.id, invitation.email)
            (role, invitedBy) = (invitation.role.rawValue, invitation.invitedBy)
            createdAt = rfc3339(invitation.createdAt)
            expiresAt = rfc3339(invitation.endsAt)
        }
    }

    private static let week: Int64 = 604_800_000

    let workspaces: WorkspaceEndpoints
    private let attempts = AttemptLimiter("accept invitations", perMinute: 30)

    init(workspaces: WorkspaceEndpoints) { self.workspaces = workspaces }

    private var accounts: Accounts { workspaces.accounts }
    private var store: WorkspaceStore { workspaces.store }

    var all: [Endpoint] {
        [
            .get("/workspaces/{id}/invitations", "Lists the open invitations (owner, admin)") {
                let (workspace, _) = try await workspaces.found($0, atLeast: .admin)
                let list = try await store.invitations(
                    of: workspace.id, now: accounts.ambient.now())
                return try Page(list.map(InvitationView.init), $0, by: \.id)
            }.paged(),
            .post(
                "/workspaces/{id}/invitations",
                "Invites somebody by e-mail; the link is told this once (owner, admin)",
                status: 201, bodyLimit: 4_096, Draft.self, invite
            ).scoped(.admin),
            .delete(
                "/workspaces/{id}/invitations/{invitation}", "Withdraws an invitation", revoke
            ).scoped(.admin),
            .post(
                "/invitations/accept", "Joins a workspace with an invitation's token",
                bodyLimit: 4_096, Acceptance.self, accept
            ).scoped(.admin),
        ]
    }

    @Sendable private func invite(
        _ body: Draft, _ incoming: Incoming
    ) async throws -> InvitationView {
        let role = try WorkspaceRole.read(body.role ?? "member")
        guard AccountRules.isEmail(body.email) else {
            throw Fault(
                .invalid, "the invitation was refused",
                fields: [FieldFault("/email", "is no e-mail address")])
        }
        let (workspace, own) = try await workspaces.found(incoming, atLeast: .admin)
        guard own.mayManage(role) else {
            throw Fault(.denied, "your role in the workspace does not allow this")
        }
        let token = "inv_" + Base64URL.encode(randomBytes(32))
        let now = accounts.ambient.now()
        let invitation = WorkspaceStore.Invitation(
            id: accounts.ambient.makeID("inv"), workspace: workspace.id,
            email: AccountRules.canonical(body.email), role: role,
            invitedBy: incoming.identity.user, createdAt: now, endsAt: now + Self.week)
        try await store.invite(
            invitation, token: Self.hash(token),
            noting: accounts.audit.entry(
                .invite, by: Doer(incoming), target: workspace.id,
                detail: "\(invitation.id) as \(role.rawValue)"))
        var view = InvitationView(invitation)
        let base = try? OwnAddress.base(of: incoming.request, accounts.config)
        (view.token, view.url) = (token, "\(base ?? "")/invitations/\(token)")
        // An address that only this machine knows is of no use in an e-mail.
        if let url = accounts.config.publicURL {
            view.emailSent = await send(
                invitation, to: workspace.name, link: "\(url)/invitations/\(token)")
        } else {
            view.emailSent = false
        }
        return view
    }

    /// An invitation stands though its e-mail cannot be sent: who invites has the link.
    private func send(
        _ invitation: WorkspaceStore.Invitation, to name: String, link: String
    ) async -> Bool {
        let text = """
            You are invited to the workspace “\(name)” as \(invitation.role.rawValue).

            \(link)

            The link counts once, for a week, for the account of this e-mail address.
            """
        let mail = Providers.SendMail(
            key: "invitation/\(invitation.id)", user: invitation.invitedBy, to: [invitation.email],
            subject: "An invitation to \(String(name.prefix(100)))",
            html: "<pre>" + PlainText.escaped(text) + "</pre>", text: text)
        do throws(Fault) {
            _ = try await workspaces.mesh.call(mail, within: .seconds(10))
            return true
        } catch {
            accounts.audit.log.info(
                "an invitation was not sent", ["invitation": invitation.id, "why": error.message])
            return false
        }
    }

    @Sendable private func revoke(_ incoming: Incoming) async throws {
        let (workspace, own) = try await workspaces.found(incoming, atLeast: .admin)
        let found = try await store.invitation(
            incoming.parameter("invitation"), of: workspace.id)
        guard let found else { throw Fault(.notFound, "no such invitation") }
        guard own.mayManage(found.role) else {
            throw Fault(.denied, "your role in the workspace does not allow this")
        }
        try await store.revoke(
            found.id,
            noting: accounts.audit.entry(
                .inviteRevoke, by: Doer(incoming), target: workspace.id, detail: found.id))
    }

    @Sendable private func accept(
        _ body: Acceptance, _ incoming: Incoming
    ) async throws -> WorkspaceEndpoints.WorkspaceView {
        let (user, now) = (incoming.identity.user, accounts.ambient.now())
        try attempts.admit(user, now: now)
        guard let account = try await accounts.store.find(id: user) else {
            throw Accounts.refusal
        }
        let taken = try await store.accept(
            token: Self.hash(body.token), account: user, email: account.email, now: now
        ) { taken in
            accounts.audit.entry(
                .memberJoin, by: Doer(incoming), target: taken.workspace,
                detail: "\(taken.id) as \(taken.role.rawValue)")
        }
        guard let found = try await store.find(taken.workspace, as: user) else {
            throw Fault(.notFound, "no such workspace")
        }
        return .init(found.workspace, found.role)
    }

    private static func hash(_ token: String) -> [UInt8] { SHA256.digest(Array(token.utf8)) }
}
