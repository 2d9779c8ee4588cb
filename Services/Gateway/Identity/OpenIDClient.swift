import Crypto
import FoundationEssentials
public import MeshContract

/// Sign-in by OpenID Connect: the authorization code with PKCE (OpenID Connect Core, section 3.1;
/// RFC 7636), the ID token verified by the issuer's keys.
public struct OpenIDClient: SignInProvider {
    /// What the issuer knows us by.
    public struct Settings: Sendable {
        public var issuer: String
        public var clientID: String
        /// nil for a public client, which PKCE suffices for.
        public var clientSecret: String?
        public var scopes: String
        /// What people see on the button.
        public var title: String

        public init(
            issuer: String, clientID: String, clientSecret: String?,
            scopes: String = "openid email profile", title: String = "OpenID Connect"
        ) throws(Fault) {
            (self.issuer, self.clientID, self.clientSecret) = (issuer, clientID, clientSecret)
            (self.scopes, self.title) = (scopes, title)
            guard ProviderURL.isTrusted(issuer) else {
                throw Fault(.invalid, "ATELIER_OIDC_ISSUER takes an https address")
            }
            guard scopes.split(separator: " ").contains("openid") else {
                throw Fault(.invalid, "ATELIER_OIDC_SCOPES needs openid among them")
            }
        }
    }

    private struct Tokens: Decodable {
        var id_token: String?
        var error: String?
    }

    public let name = "oidc"
    public var title: String { settings.title }
    private let settings: Settings
    private let keys: IssuerKeys
    private let asking: any ProviderAsking
    private let now: @Sendable () -> Double

    /// `now` in seconds since 1970.
    public init(
        _ settings: Settings, asking: any ProviderAsking, now: @escaping @Sendable () -> Double
    ) {
        (self.settings, self.asking, self.now) = (settings, asking, now)
        keys = IssuerKeys(issuer: settings.issuer, keysURL: nil, asking: asking, now: now)
    }

    public func start(_ attempt: SignInAttempt) async throws(Fault) -> String {
        let document = try await keys.described()
        guard let endpoint = document.authorization_endpoint else {
            throw Fault(.upstream, "the issuer has no page to sign in at")
        }
        return ProviderURL.adding(
            [
                ("response_type", "code"), ("client_id", settings.clientID),
                ("redirect_uri", attempt.redirect), ("scope", settings.scopes),
                ("state", attempt.state), ("nonce", attempt.nonce),
                ("code_challenge", attempt.challenge), ("code_challenge_method", "S256"),
            ], to: endpoint)
    }

    public func finish(
        _ attempt: SignInAttempt, code: String, issuer: String?
    ) async throws(Fault) -> OutsideIdentity {
        // Who mixes issuers up is told by their own name (RFC 9207).
        if let issuer, issuer != settings.issuer {
            throw OutsideIssuers.refusal("the answer of another issuer")
        }
        let document = try await keys.described()
        guard let endpoint = document.token_endpoint else {
            throw Fault(.upstream, "the issuer gives no tokens")
        }
        var fields = [
            ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", attempt.redirect), ("code_verifier", attempt.verifier),
        ]
        var headers = [("Content-Type", "application/x-www-form-urlencoded")]
        let ways = document.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
        if let secret = settings.clientSecret, ways.contains("client_secret_basic") {
            // Both are escaped before they are joined (RFC 6749, section 2.3.1).
            let pair =
                ProviderURL.form([(settings.clientID, secret)])
                .replacing("=", with: ":", maxReplacements: 1)
            headers.append(
                ("Authorization", "Basic " + Data(pair.utf8).base64EncodedString()))
        } else {
            fields.append(("client_id", settings.clientID))
            if let secret = settings.clientSecret { fields.append(("client_secret", secret)) }
        }
        let reply = try await asking.ask(
            ProviderRequest(
                "POST", endpoint, headers: headers,
                body: Array(ProviderURL.form(fields).utf8)))
        let tokens = try? JSONDecoder().decode(Tokens.self, from: Data(reply.body))
        guard reply.status == 200, let text = tokens?.id_token,
            let token = UnverifiedJWT(text)
        else {
            throw OutsideIssuers.refusal("the code was not taken (\(reply.status))")
        }
        return try await verify(token, nonce: attempt.nonce)
    }

    /// OpenID Connect Core, section 3.1.3.7.
    private func verify(
        _ token: UnverifiedJWT, nonce: String
    ) async throws(Fault) -> OutsideIdentity {
        for key in try await keys.keys(for: token) {
            guard let claims = token.claims(verifiedBy: key, as: OutsideClaims.self) else {
                continue
            }
            let objection = claims.objection(
                issuer: settings.issuer, audiences: [settings.clientID], parties: [], now: now())
            if let objection { throw OutsideIssuers.refusal(objection) }
            let isShared = (claims.aud?.values.count ?? 0) > 1
            guard claims.azp.map({ $0 == settings.clientID }) ?? !isShared else {
                throw OutsideIssuers.refusal("made for another client")
            }
            guard claims.nonce == nonce else {
                throw OutsideIssuers.refusal("made for another sign-in")
            }
            return claims.identity
        }
        throw OutsideIssuers.refusal("no key of the issuer's has signed it")
    }
}
