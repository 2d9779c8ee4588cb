import HTTP
import MeshContract
import REST

/// `/admin/users`: everybody's accounts, for administrators.
struct AdminUserEndpoints: Sendable {
    struct Change: Decodable, Sendable {
        /// `user` or `admin`.
        var role: String?
        var disabled: Bool?
    }

    struct UserView: Codable, Sendable {
        var id: String
        var email: String
        var name: String
        var role: String
        var plan: String
        var disabled: Bool
        var createdAt: String

        init(_ account: AccountStore.Account) {
            (id, email, name) = (account.id, account.email, account.name)
            (role, plan, disabled) = (account.role, account.plan, account.isDisabled)
            createdAt = rfc3339(account.createdAt)
        }
    }

    let accounts: Accounts

    var all: [Endpoint] {
        [
            .get("/admin/users", "Lists accounts by age", access: .admin, list).paged()
                .takes(.text("q", "A part of the name or the address")),
            .get("/admin/users/{id}", "Shows an account", access: .admin) {
                UserView(try await find($0))
            },
            .taking(
                "PATCH", "/admin/users/{id}", "Changes an account's role, or disables it",
                access: .admin, bodyLimit: 4_096, Change.self, change),
        ]
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<UserView> {
        let limit = try incoming.number("limit", default: 50, in: 1...200)
        let found = try await accounts.store.list(
            after: incoming.request.queryValue("cursor"),
            words: incoming.request.queryValue("q")?.lowercased(), limit: limit + 1)
        let page = found.prefix(limit)
        return Page(
            items: page.map(UserView.init),
            nextCursor: found.count > limit ? page.last?.id : nil)
    }

    private func find(_ incoming: Incoming) async throws -> AccountStore.Account {
        guard let account = try await accounts.store.find(id: incoming.parameter("id")) else {
            throw Fault(.notFound, "no such user")
        }
        return account
    }

    /// Nobody changes themselves here: so there is always an administrator left.
    @Sendable private func change(_ body: Change, _ incoming: Incoming) async throws -> UserView {
        if let role = body.role, !["user", "admin"].contains(role) {
            throw Fault(
                .invalid, "the role was refused",
                fields: [FieldFault("/role", "is user or admin")])
        }
        var account = try await find(incoming)
        guard account.id != incoming.identity.user, account.email != OwnerAccount.email else {
            throw Fault(.conflict, "nobody changes their own role, or the machine's owner")
        }
        let doer = Doer(incoming)
        if let role = body.role, role != account.role {
            try await accounts.store.setRole(
                role, of: account.id,
                noting: accounts.audit.entry(
                    .roleChange, by: doer, target: account.id,
                    detail: "\(account.role) to \(role)"))
            account.role = role
        }
        if let disabled = body.disabled, disabled != account.isDisabled {
            try await accounts.store.setDisabled(
                disabled, of: account.id,
                noting: accounts.audit.entry(
                    disabled ? .userDisable : .userEnable, by: doer, target: account.id))
            account.isDisabled = disabled
        }
        return UserView(account)
    }
}
