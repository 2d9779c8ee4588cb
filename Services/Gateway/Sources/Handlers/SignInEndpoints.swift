import HTTP
import MeshContract
import REST
import ServiceKit

/// How a sign-in goes on and ends: `/auth/refresh`, `/auth/logout`, `/auth/sessions`.
struct SignInEndpoints: Sendable {
    struct Refresh: Decodable, Sendable { var refreshToken: String? }

    struct SignInView: Codable, Sendable {
        var id: String
        /// `password`, `github` or an issuer.
        var method: String
        var address: String
        /// What the client calls itself.
        var client: String
        var createdAt: String
        var lastUsedAt: String
        var expiresAt: String
        /// True for the one that asks.
        var isCurrent: Bool
    }

    let accounts: Accounts
    let cookie: PageCookie

    var all: [Endpoint] {
        [
            Endpoint(
                "POST", "/auth/refresh",
                "Answers with new tokens for a refresh token, or gives our page new cookies",
                access: .anyone, bodyLimit: 4_096, bodyFields: Field.tree(Refresh.self),
                replyFields: Field.tree(AccountEndpoints.TokenView.self), handler: refresh),
            Endpoint(
                "POST", "/auth/logout",
                "Ends the sign-in of the token, the cookie or the refresh token that is sent",
                access: .anyone, bodyLimit: 4_096, handler: logOut),
            Endpoint("POST", "/auth/logout-everywhere", "Ends every token of the account") {
                try await accounts.endTokens(of: $0.identity.user, by: Doer($0))
                return .bytes(204, headers: cookie.end, [])
            }.scoped(.admin),
            .get("/auth/sessions", "Lists where the user is signed in", list),
            .delete("/auth/sessions/{id}", "Ends one sign-in", end).scoped(.admin),
        ]
    }

    @Sendable private func refresh(_ incoming: Incoming) async throws -> Answer {
        if let token = try Self.refreshToken(in: incoming) {
            let grant = try await accounts.refresh(token, by: Doer(incoming))
            return .json(200, AccountEndpoints.TokenView(grant, accounts.config))
        }
        guard let token = cookie.refreshToken(in: incoming.request) else {
            throw Fault(.unauthenticated, "send a refresh_token")
        }
        try cookie.check(incoming.request)
        let grant = try await accounts.refresh(token, by: Doer(incoming))
        return .bytes(204, headers: cookie.keep(grant, for: incoming.request), [])
    }

    /// JSON, or the form of RFC 6749, section 6; nil where the body is empty.
    private static func refreshToken(in incoming: Incoming) throws -> String? {
        guard !incoming.body.isEmpty else { return nil }
        if incoming.mediaType == "application/x-www-form-urlencoded" {
            let form = Form.decode(incoming.body)
            guard form["grant_type"].map({ $0 == "refresh_token" }) ?? true,
                let token = form["refresh_token"]
            else { throw Fault(.invalid, "the form takes grant_type=refresh_token and its token") }
            return token
        }
        guard incoming.mediaType ?? "application/json" == "application/json" else {
            throw Problem.wrongType("send JSON, or a form")
        }
        return try JSONCoding.decode(Refresh.self, from: incoming.body).refreshToken
    }

    /// Answers alike whether there was anything to end.
    @Sendable private func logOut(_ incoming: Incoming) async throws -> Answer {
        let (request, doer) = (incoming.request, Doer(incoming))
        if let token = try Self.refreshToken(in: incoming) {
            try await accounts.end(refreshToken: token, by: doer)
            return .empty(204)
        }
        if request.headers["authorization"] != nil {
            if let token = Credentials.bearer(in: request) { await end(token, by: doer) }
            return .empty(204)
        }
        try cookie.check(request)
        if let token = cookie.refreshToken(in: request) {
            try await accounts.end(refreshToken: token, by: doer)
        }
        if let token = cookie.token(in: request) { await end(token, by: doer) }
        return .bytes(204, headers: cookie.end, [])
    }

    /// Nothing for a token that is none any more.
    private func end(_ token: String, by doer: Doer) async {
        guard let identity = try? await accounts.known(token), let signIn = identity.signIn
        else { return }
        _ = try? await accounts.end(signIn: signIn, of: identity.user, by: doer)
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<SignInView> {
        let signIns = try await accounts.store.signIns(
            of: incoming.identity.user, now: accounts.ambient.now(), limit: Accounts.mostSignIns)
        return Page(
            items: signIns.map { signIn in
                SignInView(
                    id: signIn.id, method: signIn.method, address: signIn.address,
                    client: signIn.client, createdAt: rfc3339(signIn.createdAt),
                    lastUsedAt: rfc3339(signIn.usedAt), expiresAt: rfc3339(signIn.endsAt),
                    isCurrent: signIn.id == incoming.identity.signIn)
            })
    }

    @Sendable private func end(_ incoming: Incoming) async throws {
        let isEnded = try await accounts.end(
            signIn: incoming.parameter("id"), of: incoming.identity.user, by: Doer(incoming))
        guard isEnded else { throw Fault(.notFound, "no such sign-in") }
    }
}
