import Crypto
import Identity
import MeshContract
import ServiceKit

/// Whose word counts for who somebody is, beside our own: issuers of tokens, and providers that
/// people sign in at.
struct OutsideConfig: Sendable {
    let issuers: [IssuerSettings]
    private let openID: OpenIDClient.Settings?
    private let gitHub: GitHubClient.Settings?

    /// `origins` are the pages that a token of Clerk's may have been made for.
    init(_ settings: Settings, origins: Set<String>) throws(Fault) {
        var issuers =
            try settings.text("ATELIER_ISSUERS").map { text throws(Fault) in
                try IssuerSettings.list(text, audience: settings.text("ATELIER_ISSUERS_AUDIENCE"))
            } ?? []
        if let clerk = settings.text("CLERK_ISSUER") {
            let parties = settings.list("CLERK_AUTHORIZED_PARTIES")
            issuers.append(
                try IssuerSettings(
                    issuer: clerk, parties: parties.isEmpty ? origins.sorted() : parties,
                    keysURL: settings.text("CLERK_JWKS_URL"), algorithms: [.rs256]))
        }
        guard Set(issuers.map(\.issuer)).count == issuers.count else {
            throw Fault(.invalid, "an issuer is named twice")
        }
        self.issuers = issuers
        openID = try Self.openID(settings)
        gitHub = try Self.gitHub(settings)
    }

    private static func openID(_ settings: Settings) throws(Fault) -> OpenIDClient.Settings? {
        guard let issuer = settings.text("ATELIER_OIDC_ISSUER") else { return nil }
        guard let client = settings.text("ATELIER_OIDC_CLIENT_ID") else {
            throw Fault(.invalid, "ATELIER_OIDC_ISSUER goes with ATELIER_OIDC_CLIENT_ID")
        }
        return try OpenIDClient.Settings(
            issuer: issuer, clientID: client,
            clientSecret: settings.text("ATELIER_OIDC_CLIENT_SECRET"),
            scopes: settings.text("ATELIER_OIDC_SCOPES", default: "openid email profile"),
            title: settings.text("ATELIER_OIDC_NAME", default: "OpenID Connect"))
    }

    private static func gitHub(_ settings: Settings) throws(Fault) -> GitHubClient.Settings? {
        guard let client = settings.text("ATELIER_GITHUB_CLIENT_ID") else { return nil }
        guard let secret = settings.text("ATELIER_GITHUB_CLIENT_SECRET") else {
            throw Fault(
                .invalid, "ATELIER_GITHUB_CLIENT_ID goes with ATELIER_GITHUB_CLIENT_SECRET")
        }
        return try GitHubClient.Settings(
            clientID: client, clientSecret: secret,
            url: settings.text("ATELIER_GITHUB_URL", default: "https://github.com"),
            api: settings.text("ATELIER_GITHUB_API_URL", default: "https://api.github.com"))
    }

    func providers(
        asking: any ProviderAsking, now: @escaping @Sendable () -> Double
    ) -> [any SignInProvider] {
        var all: [any SignInProvider] = []
        if let openID { all.append(OpenIDClient(openID, asking: asking, now: now)) }
        if let gitHub { all.append(GitHubClient(gitHub, asking: asking)) }
        return all
    }
}
