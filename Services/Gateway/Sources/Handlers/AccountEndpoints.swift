import Contracts
import FoundationEssentials
import HTTP
import Mesh
import MeshContract
import REST

/// `/auth` and `/users`: registering, logging in, who one is.
struct AccountEndpoints: Sendable {
    struct Registration: Decodable, Sendable {
        var email: String
        var password: String
        var name: String?
        var fullName: String?
    }

    struct Login: Decodable, Sendable {
        var email: String
        var password: String
    }

    struct TokenView: Codable, Sendable {
        var accessToken: String
        var tokenType: String
        var expiresIn: Int
    }

    struct UserView: Codable, Sendable {
        var id: String
        var email: String
        var name: String
        var role: String
        var createdAt: String

        init(_ account: AccountStore.Account) {
            (id, email, name, role) = (account.id, account.email, account.name, account.role)
            createdAt = rfc3339(account.createdAt)
        }
    }

    struct KeyRequest: Decodable, Sendable { var name: String }
    struct KeyView: Codable, Sendable {
        var id: String
        var name: String
        var key: String
    }

    let accounts: Accounts
    let opening: BillingOpening
    let mesh: MeshClient
    let config: GatewayConfig

    var all: [Endpoint] {
        [
            .post(
                "/auth/register", "Makes an account", access: .anyone, status: 201,
                bodyLimit: 16_384, Registration.self, register),
            Endpoint(
                "POST", "/auth/login", "Answers with an access token for e-mail and password",
                access: .anyone, bodyLimit: 16_384, bodyFields: Field.tree(Login.self),
                replyFields: Field.tree(TokenView.self), handler: logIn),
            .get("/auth/me", "Shows whose token this is", me),
            .get("/user/me", "Shows whose token this is", me),
            .post(
                "/api-keys", "Makes an API key, shown this once", status: 201, bodyLimit: 4_096,
                KeyRequest.self, makeKey
            ).scoped(.admin),
        ]
    }

    @Sendable private func register(
        _ body: Registration, _ incoming: Incoming
    ) async throws -> UserView {
        let account = try await accounts.signUp(
            email: body.email, password: body.password, name: body.name ?? body.fullName ?? "",
            from: incoming.request.remote)
        await opening.open(account)
        return UserView(account)
    }

    /// JSON, or the form of the OAuth 2.0 password grant (RFC 6749, section 4.3.2).
    @Sendable private func logIn(_ incoming: Incoming) async throws -> Answer {
        let login: Login
        switch incoming.mediaType ?? "application/json" {
        case "application/x-www-form-urlencoded":
            let form = Form.decode(incoming.body)
            guard let name = form["username"], let password = form["password"] else {
                throw Fault(.invalid, "the form takes username and password")
            }
            login = Login(email: name, password: password)
        case "application/json":
            login = try JSONCoding.decode(Login.self, from: incoming.body)
        default: throw Problem.wrongType("send JSON, or a form")
        }
        let token = try await accounts.logIn(
            email: login.email, password: login.password, from: incoming.request.remote)
        return .json(
            200,
            TokenView(accessToken: token, tokenType: "bearer", expiresIn: config.tokenSeconds))
    }

    @Sendable private func me(_ incoming: Incoming) async throws -> UserView {
        guard let account = try await accounts.store.find(id: incoming.identity.user) else {
            throw Fault(.unauthenticated, "the account is gone")
        }
        return UserView(account)
    }

    @Sendable private func makeKey(_ body: KeyRequest, _ incoming: Incoming) async throws -> KeyView
    {
        guard (1...100).contains(body.name.utf8.count) else {
            throw Fault(
                .invalid, "the key was refused",
                fields: [FieldFault("/name", "takes 1 to 100 bytes")])
        }
        let made = try await accounts.makeKey(for: incoming.identity.user, name: body.name)
        return KeyView(id: made.id, name: body.name, key: made.key)
    }
}
