import Contracts
import HTTP
import MeshContract
import REST

/// What a person does with their account on our page: signing in, name and password.
struct PageEndpoints: Sendable {
    struct Change: Decodable, Sendable {
        var name: String?
        var fullName: String?
    }

    struct PasswordChange: Decodable, Sendable {
        var current: String
        var new: String
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
            .taking(
                "PATCH", "/user/me", "Changes the user's name", bodyLimit: 4_096, Change.self,
                rename),
            Endpoint(
                "POST", "/user/me/password", "Changes the password, and ends every other token",
                bodyLimit: 16_384, bodyFields: Field.tree(PasswordChange.self),
                replyFields: Field.tree(AccountEndpoints.UserView.self), handler: changePassword
            ).scoped(.admin),
        ]
    }

    @Sendable private func signIn(_ incoming: Incoming) async throws -> Answer {
        // Nobody signs a browser in as somebody else from another site.
        try cookie.check(incoming.request)
        let login = try JSONCoding.decode(AccountEndpoints.Login.self, from: incoming.body)
        let grant = try await accounts.logIn(
            email: login.email, password: login.password, by: Doer(incoming))
        return try answer(grant, to: incoming.request)
    }

    @Sendable private func rename(
        _ body: Change, _ incoming: Incoming
    ) async throws -> AccountEndpoints.UserView {
        guard let name = body.name ?? body.fullName else {
            throw Fault(
                .invalid, "nothing was changed", fields: [FieldFault("/name", "is missing")])
        }
        try AccountRules.checkName(name)
        let id = incoming.identity.user
        try await accounts.store.rename(id, to: name)
        return AccountEndpoints.UserView(try await accounts.account(id))
    }

    @Sendable private func changePassword(_ incoming: Incoming) async throws -> Answer {
        let change = try JSONCoding.decode(PasswordChange.self, from: incoming.body)
        let (id, doer) = (incoming.identity.user, Doer(incoming))
        try await accounts.changePassword(
            of: try await accounts.account(id), from: change.current, to: change.new, by: doer)
        let grant = try await accounts.open(
            try await accounts.account(id), method: "password", by: doer)
        return try answer(grant, to: incoming.request)
    }

    private func answer(_ grant: Grant, to request: HTTPRequest) throws -> Answer {
        .bytes(
            200,
            headers: [("Content-Type", "application/json")] + cookie.keep(grant, for: request),
            try JSONCoding.encode(AccountEndpoints.UserView(grant.account)))
    }
}
