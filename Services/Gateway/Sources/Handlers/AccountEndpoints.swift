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
        /// Gets the next pair at `/auth/refresh`, once.
        var refreshToken: String
        var refreshExpiresIn: Int

        init(_ grant: Grant, _ config: GatewayConfig) {
            (accessToken, tokenType) = (grant.accessToken, "bearer")
            (expiresIn, refreshToken) = (config.tokenSeconds, grant.refreshToken)
            refreshExpiresIn = config.refreshSeconds
        }
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
        ]
    }

    @Sendable private func register(
        _ body: Registration, _ incoming: Incoming
    ) async throws -> UserView {
        let account = try await accounts.signUp(
            email: body.email, password: body.password, name: body.name ?? body.fullName ?? "",
            by: Doer(incoming))
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
        let grant = try await accounts.logIn(
            email: login.email, password: login.password, by: Doer(incoming))
        return .json(200, TokenView(grant, config))
    }

    @Sendable private func me(_ incoming: Incoming) async throws -> UserView {
        UserView(try await accounts.account(incoming.identity.user))
    }
}
