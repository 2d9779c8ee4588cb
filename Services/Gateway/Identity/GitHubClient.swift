import FoundationEssentials
public import MeshContract

/// Sign-in by GitHub's OAuth, which has no ID token: the person is asked for over its API
/// (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps).
public struct GitHubClient: SignInProvider {
    public struct Settings: Sendable {
        public var clientID: String
        public var clientSecret: String
        /// Another one for GitHub Enterprise; the person's name begins with it.
        public var url: String
        public var api: String

        public init(
            clientID: String, clientSecret: String, url: String = "https://github.com",
            api: String = "https://api.github.com"
        ) throws(Fault) {
            func bare(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }
            (self.clientID, self.clientSecret) = (clientID, clientSecret)
            (self.url, self.api) = (bare(url), bare(api))
            guard ProviderURL.isTrusted(url), ProviderURL.isTrusted(api) else {
                throw Fault(.invalid, "ATELIER_GITHUB_URL and ATELIER_GITHUB_API_URL take https")
            }
        }
    }

    private struct Tokens: Decodable { var access_token: String? }
    private struct User: Decodable {
        var id: Int64
        var login: String?
        var name: String?
    }
    private struct Email: Decodable {
        var email: String
        var primary: Bool
        var verified: Bool
    }

    public let name = "github"
    public let title = "GitHub"
    private let settings: Settings
    private let asking: any ProviderAsking

    public init(_ settings: Settings, asking: any ProviderAsking) {
        (self.settings, self.asking) = (settings, asking)
    }

    public func start(_ attempt: SignInAttempt) async throws(Fault) -> String {
        ProviderURL.adding(
            [
                ("client_id", settings.clientID), ("redirect_uri", attempt.redirect),
                ("scope", "read:user user:email"), ("state", attempt.state),
                ("code_challenge", attempt.challenge), ("code_challenge_method", "S256"),
            ], to: settings.url + "/login/oauth/authorize")
    }

    public func finish(
        _ attempt: SignInAttempt, code: String, issuer: String?
    ) async throws(Fault) -> OutsideIdentity {
        let form = ProviderURL.form([
            ("client_id", settings.clientID), ("client_secret", settings.clientSecret),
            ("code", code), ("redirect_uri", attempt.redirect),
            ("code_verifier", attempt.verifier),
        ])
        // A code that is not taken is told with status 200 and without a token.
        let tokens: Tokens = try await read(
            ProviderRequest(
                "POST", settings.url + "/login/oauth/access_token",
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array(form.utf8)))
        guard let token = tokens.access_token, token.utf8.count < 1_000,
            token.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { throw OutsideIssuers.refusal("the code was not taken") }
        let bearer = [
            ("Authorization", "Bearer \(token)"), ("X-GitHub-Api-Version", "2022-11-28"),
        ]
        let user: User = try await read(
            ProviderRequest("GET", settings.api + "/user", headers: bearer))
        let emails: [Email] = try await read(
            ProviderRequest("GET", settings.api + "/user/emails", headers: bearer))
        return OutsideIdentity(
            issuer: settings.url, subject: "\(user.id)",
            email: emails.first { $0.primary && $0.verified }?.email,
            name: user.name ?? user.login)
    }

    private func read<T: Decodable>(_ request: ProviderRequest) async throws(Fault) -> T {
        let reply = try await asking.ask(request)
        guard reply.status == 200 else {
            throw Fault(.upstream, "GitHub answered \(reply.status)")
        }
        guard let value = try? JSONDecoder().decode(T.self, from: Data(reply.body)) else {
            throw Fault(.upstream, "GitHub's answer cannot be read")
        }
        return value
    }
}
