import Contracts
import HTTP
import MeshContract
import REST

/// What a person does with their account on our page: signing in and out, name, password, API keys.
struct PageEndpoints: Sendable {
    struct Change: Decodable, Sendable { var name: String }

    struct PasswordChange: Decodable, Sendable {
        var current: String
        var new: String
    }

    struct KeyCard: Codable, Sendable {
        var id: String
        var name: String
        var createdAt: String
    }

    let accounts: Accounts
    let cookie: PageCookie

    var all: [Endpoint] {
        [
            Endpoint(
                "POST", "/auth/session", "Signs a person in on our page, with a cookie",
                access: .anyone, bodyLimit: 16_384,
                bodyFields: Field.tree(AccountEndpoints.Login.self),
                replyFields: Field.tree(AccountEndpoints.UserView.self), handler: signIn),
            Endpoint("POST", "/auth/logout", "Signs out this browser", access: .anyone) {
                try cookie.check($0.request)
                return .bytes(204, headers: [cookie.end], [])
            },
            Endpoint("POST", "/auth/logout-everywhere", "Ends every token of the account") {
                try await accounts.endTokens(of: $0.identity.user)
                return .bytes(204, headers: [cookie.end], [])
            }.scoped(.admin),
            .taking(
                "PATCH", "/user/me", "Changes the user's name", bodyLimit: 4_096, Change.self,
                rename),
            Endpoint(
                "POST", "/user/me/password", "Changes the password, and ends every other token",
                bodyLimit: 16_384, bodyFields: Field.tree(PasswordChange.self),
                replyFields: Field.tree(AccountEndpoints.UserView.self), handler: changePassword
            ).scoped(.admin),
            .get("/api-keys", "Lists the user's API keys, newest first", keys),
            .delete("/api-keys/{id}", "Ends an API key") { incoming in
                let isGone = try await accounts.endKey(
                    incoming.parameter("id"), of: incoming.identity.user)
                guard isGone else { throw Fault(.notFound, "no such API key") }
            }.scoped(.admin),
        ]
    }

    @Sendable private func signIn(_ incoming: Incoming) async throws -> Answer {
        // Nobody signs a browser in as somebody else from another site.
        try cookie.check(incoming.request)
        let login = try JSONCoding.decode(AccountEndpoints.Login.self, from: incoming.body)
        let token = try await accounts.logIn(
            email: login.email, password: login.password, from: incoming.request.remote)
        return try await answer(
            try await accounts.identify(token).user, token: token, to: incoming.request)
    }

    @Sendable private func rename(
        _ body: Change, _ incoming: Incoming
    ) async throws -> AccountEndpoints.UserView {
        try AccountRules.checkName(body.name)
        let id = incoming.identity.user
        try await accounts.store.rename(id, to: body.name)
        return AccountEndpoints.UserView(try await account(id))
    }

    @Sendable private func changePassword(_ incoming: Incoming) async throws -> Answer {
        let change = try JSONCoding.decode(PasswordChange.self, from: incoming.body)
        let id = incoming.identity.user
        try await accounts.changePassword(
            of: try await account(id), from: change.current, to: change.new)
        return try await answer(
            id, token: try accounts.token(for: try await account(id)), to: incoming.request)
    }

    @Sendable private func keys(_ incoming: Incoming) async throws -> Page<KeyCard> {
        let keys = try await accounts.store.keys(
            of: incoming.identity.user, limit: Accounts.mostKeys)
        return Page(
            items: keys.map {
                KeyCard(id: $0.id, name: $0.name, createdAt: rfc3339($0.createdAt))
            })
    }

    private func account(_ id: String) async throws -> AccountStore.Account {
        guard let account = try await accounts.store.find(id: id) else {
            throw Fault(.unauthenticated, "the account is gone")
        }
        return account
    }

    private func answer(
        _ user: String, token: String, to request: HTTPRequest
    ) async throws -> Answer {
        let view = AccountEndpoints.UserView(try await account(user))
        return .bytes(
            200,
            headers: [("Content-Type", "application/json"), cookie.keep(token, for: request)],
            try JSONCoding.encode(view))
    }
}
