import MeshContract
import REST
import ServiceKit

/// `/user/me/delete`: how a person ends their account.
struct AccountEndEndpoints: Sendable {
    struct Proof: Decodable, Sendable {
        /// Not needed within ten minutes of signing in.
        var password: String?
    }

    /// What has become of it.
    struct EndView: Codable, Sendable {
        var id: String
        var endedAt: String
        /// Gone, or about to go where a service is away for the moment.
        var removed: [String]
        /// Still there, under an id that is nobody's any more.
        var kept: [String]
        /// Those that nobody else was in.
        var workspacesDeleted: [String]
    }

    private static let removed = [
        "account", "sign_ins", "api_keys", "identities", "notifications", "memberships",
        "provider_keys", "schedules", "webhooks", "templates", "runs_under_way",
    ]
    private static let kept = ["runs", "documents", "ledger", "audit"]

    let accounts: Accounts
    let cookie: PageCookie
    let ending: AccountEnding
    let access: RunAccess

    var all: [Endpoint] {
        [
            Endpoint(
                "POST", "/user/me/delete",
                "Ends the account and all that proves to be it; its runs stay without an owner",
                bodyLimit: 16_384, bodyFields: Field.tree(Proof.self),
                replyFields: Field.tree(EndView.self), handler: end
            ).scoped(.admin).keyed(false)
        ]
    }

    @Sendable private func end(_ incoming: Incoming) async throws -> Answer {
        let proof =
            incoming.body.isEmpty
            ? Proof() : try JSONCoding.decode(Proof.self, from: incoming.body)
        let user = incoming.identity.user
        let account = try await accounts.account(user)
        let shared = try await access.workspaces.list(of: user).map(\.workspace.id)
        let ended = try await accounts.end(
            account, password: proof.password, signIn: incoming.identity.signIn,
            by: Doer(incoming))
        for workspace in shared { access.watches.end(workspace, user) }
        await ending.finish(ended)
        let view = EndView(
            id: user, endedAt: rfc3339(accounts.ambient.now()), removed: Self.removed,
            kept: Self.kept, workspacesDeleted: ended.workspaces)
        return .bytes(
            200, headers: [("Content-Type", "application/json")] + cookie.end,
            try JSONCoding.encode(view))
    }
}
