import Crypto
public import MeshContract

/// One person's way to a provider and back. What it holds stays here; the provider and the browser
/// see the state, the nonce and the challenge.
public struct SignInAttempt: Sendable, Equatable {
    /// Comes back with the person.
    public var state: String
    /// Comes back within the ID token.
    public var nonce: String
    /// Proves to the provider that who brings the code began the sign-in (RFC 7636).
    public var verifier: String
    /// Where the provider sends the person.
    public var redirect: String

    public init(state: String, nonce: String, verifier: String, redirect: String) {
        (self.state, self.nonce, self.verifier) = (state, nonce, verifier)
        self.redirect = redirect
    }

    /// A new one, from chance.
    public static func make(redirect: String) -> SignInAttempt {
        func chance() -> String { Base64URL.encode(randomBytes(32)) }
        return SignInAttempt(
            state: chance(), nonce: chance(), verifier: chance(), redirect: redirect)
    }

    /// What S256 makes of the verifier.
    public var challenge: String {
        Base64URL.encode(SHA256.digest(Array(verifier.utf8)))
    }
}

/// Somebody who tells us who a person is that has signed in there.
public protocol SignInProvider: Sendable {
    /// As it is named in addresses.
    var name: String { get }
    /// What people see on the button.
    var title: String { get }
    /// The page that a person is sent to.
    func start(_ attempt: SignInAttempt) async throws(Fault) -> String
    /// Who it is that came back with a code. Throws `unauthenticated` or `upstream`.
    func finish(
        _ attempt: SignInAttempt, code: String, issuer: String?
    ) async throws(Fault) -> OutsideIdentity
}
