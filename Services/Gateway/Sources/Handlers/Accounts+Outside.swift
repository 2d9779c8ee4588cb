import Crypto
import Identity
import Log
import MeshContract
import REST
import ServiceKit

/// People whom an outside issuer vouches for.
extension Accounts {
    /// Who bears another issuer's token; an account is made at the first one that somebody shows.
    func identify(outside token: UnverifiedJWT, shownBy doer: Doer?) async throws -> Identity {
        let person: OutsideIdentity
        do {
            person = try await outside.verify(token)
        } catch {
            guard error.code == .unauthenticated else { throw error }
            audit.log.debug("a token was refused", ["why": error.detail ?? ""])
            throw Self.refusal
        }
        let account =
            if let doer {
                try await account(of: person, by: doer)
            } else {
                try await store.find(issuer: person.issuer, subject: person.subject)
            }
        guard let account, !account.isDisabled else { throw Self.refusal }
        return Identity(user: account.id, role: account.role)
    }

    /// The account that belongs to an issuer's name for somebody, made where there is none.
    ///
    /// It is never found by its e-mail address: nobody has proven that a local account's address is
    /// its person's, so whoever registered first could lie in wait for them. Who has an account links
    /// it while they are signed in.
    func account(
        of person: OutsideIdentity, by doer: Doer
    ) async throws -> AccountStore.Account {
        if let known = try await store.find(issuer: person.issuer, subject: person.subject) {
            return known
        }
        try signups.admit(doer.place, now: ambient.now())
        let digest = SHA256.hex(Array("\(person.issuer) \(person.subject)".utf8)).prefix(24)
        // Reserved for what leads nowhere (RFC 2606).
        let email = person.email ?? "\(digest)@outside.invalid"
        let name =
            AccountRules.plainName(person.name ?? "") ?? AccountRules.plainName(
                String(email.prefix { $0 != "@" })) ?? "Somebody"
        guard AccountRules.isEmail(email) else {
            throw Fault(.upstream, "the issuer's e-mail address is none")
        }
        let account = AccountStore.Account(
            id: ambient.makeID("usr"), email: AccountRules.canonical(email), name: name,
            role: "user", plan: "free", passwordHash: "", generation: 1, createdAt: ambient.now(),
            isBillingOpen: false)
        let made = try await store.insert(
            account, issuer: person.issuer, subject: person.subject, atMost: config.maxUsers,
            noting: audit.entry(
                .register, by: doer.known(as: account.id), target: account.id,
                detail: person.issuer))
        guard let made else {
            throw Fault(
                .conflict, "this e-mail address has an account already",
                detail: "log in to it, and link the other sign-in there")
        }
        return made
    }

    /// Lets an account be signed in to by what the issuer calls its person.
    func link(
        _ person: OutsideIdentity, by linking: AccountStore.Linking, as doer: Doer
    ) async throws -> AccountStore.Account {
        guard let account = try await store.find(id: linking.account) else { throw Self.refusal }
        guard !account.isDisabled else { throw SignInFailure.disabled }
        try await store.link(
            issuer: person.issuer, subject: person.subject, by: linking, at: ambient.now(),
            noting: audit.entry(
                .identityLink, by: doer.known(as: account.id), target: account.id,
                detail: person.issuer))
        return account
    }
}
