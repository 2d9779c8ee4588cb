import Crypto
import MeshContract
import ServiceKit

/// What somebody has who has just proven who they are.
struct Grant: Sendable {
    var account: AccountStore.Account
    var accessToken: String
    /// Gets the next access token, once.
    var refreshToken: String
    var signIn: String
}

/// Sign-ins: opened, gone on with, ended.
extension Accounts {
    static let mostSignIns = 100

    /// Opens a sign-in for whoever has proven to be this account's person by `method`.
    func open(
        _ account: AccountStore.Account, method: String, by doer: Doer
    ) async throws -> Grant {
        guard !account.isDisabled else {
            await audit.note(
                .logIn, by: doer, target: account.id, outcome: .refused, detail: "disabled")
            throw SignInFailure.disabled
        }
        let now = ambient.now()
        let signIn = AccountStore.SignIn(
            id: ambient.makeID("sgn"), account: account.id, method: method, address: doer.address,
            client: doer.client, createdAt: now, usedAt: now, endsAt: refreshEnd(now))
        let refresh = Self.makeRefreshToken()
        try await store.open(
            signIn, token: Self.hash(refresh), atMost: Self.mostSignIns,
            noting: audit.entry(
                .logIn, by: doer.known(as: account.id), target: account.id, detail: method))
        return Grant(
            account: account, accessToken: try token(for: account, signIn: signIn.id),
            refreshToken: refresh, signIn: signIn.id)
    }

    /// Takes a refresh token for a new pair. One that was used before ends its whole sign-in: either
    /// who used it or who shows it now has stolen it (RFC 9700, section 4.14.2).
    func refresh(_ token: String, by doer: Doer) async throws -> Grant {
        try places.admit("refresh \(doer.place)", now: ambient.now())
        let new = Self.makeRefreshToken()
        let now = ambient.now()
        switch try await store.rotate(
            Self.hash(token), to: Self.hash(new), now: now, endsAt: refreshEnd(now),
            noting: { signIn in
                audit.entry(
                    .refreshReuse, by: doer, target: signIn.account, outcome: .refused,
                    detail: "the sign-in \(signIn.id) has ended")
            })
        {
        case .turned(let account, let signIn):
            guard !account.isDisabled else { throw Self.refusal }
            return Grant(
                account: account, accessToken: try self.token(for: account, signIn: signIn.id),
                refreshToken: new, signIn: signIn.id)
        case .reused, .unknown: throw Self.refusal
        }
    }

    /// Ends one sign-in with all its tokens. False for none of this account.
    func end(signIn id: String, of account: String, by doer: Doer) async throws -> Bool {
        try await store.endSignIn(
            id, of: account, noting: audit.entry(.logOut, by: doer.known(as: account), target: id))
    }

    /// The same for whoever has its refresh token.
    func end(refreshToken token: String, by doer: Doer) async throws {
        guard let signIn = try await store.signIn(token: Self.hash(token)) else { return }
        _ = try await end(signIn: signIn.id, of: signIn.account, by: doer)
    }

    private func refreshEnd(_ now: Int64) -> Int64 { now + Int64(config.refreshSeconds) * 1_000 }

    private static func makeRefreshToken() -> String {
        "atr_" + Base64URL.encode(randomBytes(32))
    }

    private static func hash(_ token: String) -> [UInt8] { SHA256.digest(Array(token.utf8)) }
}
