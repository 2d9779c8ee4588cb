import Contracts
import Crypto
import Mesh
import MeshContract
import ServiceKit

/// What an administrator asks over the mesh.
extension GatewayNode {
    func createUser(_ request: Gateway.CreateUser, _ call: Call) async throws -> Gateway.User {
        guard ["user", "admin"].contains(request.role) else {
            throw Fault(.invalid, "a role is user or admin")
        }
        // Billing would refuse another one, again and again.
        guard ["free", "starter", "pro", "owner"].contains(request.plan) else {
            throw Fault(.invalid, "a plan is free, starter, pro or owner")
        }
        let account = try await accounts.register(
            email: request.email, password: request.password, name: request.displayName,
            role: request.role, plan: request.plan
        ) { accounts.audit.entry(.userMake, by: Doer(call), target: $0, detail: request.role) }
        await opening.open(account)
        return Gateway.User(account)
    }

    func listUsers(_ request: Gateway.ListUsers, _ call: Call) async throws -> Gateway.UserList {
        let list = try await accounts.store.list(limit: min(max(request.limit, 1), 1_000))
        return Gateway.UserList(users: list.map(Gateway.User.init))
    }

    func setPassword(_ request: Gateway.SetPassword, _ call: Call) async throws -> Done {
        try AccountRules.checkPassword(request.password)
        let hash = try await accounts.passwords.run { Password.hash(request.password) }
        let isSet = try await accounts.store.setPassword(
            hash, of: request.user,
            noting: accounts.audit.entry(.passwordChange, by: Doer(call), target: request.user))
        guard isSet else { throw Fault(.notFound, "no user \(request.user)") }
        return Done()
    }

    func issueToken(_ request: Gateway.IssueToken, _ call: Call) async throws -> Gateway.Token {
        guard let account = try await accounts.store.find(id: request.user) else {
            throw Fault(.notFound, "no user \(request.user)")
        }
        // A token is in no table: it is told of before it is there.
        try await accounts.audit.store.append(
            accounts.audit.entry(.tokenIssue, by: Doer(call), target: account.id))
        return Gateway.Token(
            accessToken: try accounts.token(for: account), expiresInSeconds: config.tokenSeconds)
    }
}

extension Gateway.User {
    init(_ account: AccountStore.Account) {
        self.init(
            id: account.id, email: account.email, displayName: account.name, role: account.role,
            createdAt: account.createdAt)
    }
}
