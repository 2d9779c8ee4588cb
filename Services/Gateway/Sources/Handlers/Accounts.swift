import Crypto
import Database
import Identity
import MeshContract
import REST
import ServiceKit

/// Registering, logging in, and telling who a request comes from.
struct Accounts: Sendable {
    let store: AccountStore
    let tokens: TokenKeys
    /// scrypt takes 50 ms of a core: never on a loop, and few at a time.
    let passwords: BlockingPool
    let ambient: Ambient
    let config: GatewayConfig
    let audit: AuditLog
    let outside: OutsideIssuers
    let attempts = AttemptLimiter("log in", perMinute: 10)
    /// To one account, from all places together: against one password guessed from many.
    let targets = AttemptLimiter("log in", perMinute: 100)
    /// All addresses together, from one place: against one password tried on many.
    let places: AttemptLimiter
    let signups: AttemptLimiter
    let keys = KeyCache()
    private let verified = VerifiedTokens()

    init(
        store: AccountStore, tokens: TokenKeys, passwords: BlockingPool, audit: AuditLog,
        outside: OutsideIssuers, config: GatewayConfig
    ) {
        (self.store, self.tokens, self.passwords) = (store, tokens, passwords)
        (self.audit, ambient, self.config) = (audit, audit.ambient, config)
        self.outside = outside
        places = AttemptLimiter("log in", perMinute: config.loginsPerMinute)
        signups = AttemptLimiter("register", perMinute: config.signupsPerMinute)
    }

    /// Makes an account for somebody outside, from a place that may make so many.
    func signUp(
        email: String, password: String, name: String, by doer: Doer
    ) async throws -> AccountStore.Account {
        try AccountRules.check(email: email, password: password, name: name)
        try signups.admit(doer.place, now: ambient.now())
        return try await register(email: email, password: password, name: name) {
            audit.entry(.register, by: doer.known(as: $0), target: $0)
        }
    }

    /// `note` makes the entry of the audit log for the new account's id.
    func register(
        email: String, password: String, name: String, role: String = "user", plan: String = "free",
        noting note: (String) -> AuditStore.Entry? = { _ in nil }
    ) async throws -> AccountStore.Account {
        try AccountRules.check(email: email, password: password, name: name)
        let hash = try await passwords.run { Password.hash(password) }
        let account = AccountStore.Account(
            id: ambient.makeID("usr"), email: AccountRules.canonical(email), name: name, role: role,
            plan: plan, passwordHash: hash, generation: 1, createdAt: ambient.now(),
            isBillingOpen: false)
        let isMade = try await store.insert(
            account, atMost: config.maxUsers, noting: note(account.id))
        guard isMade else {
            throw Fault(.conflict, "this e-mail address has an account already")
        }
        return account
    }

    /// The same answer, after the same work, for an unknown address and for a wrong password.
    func logIn(email: String, password: String, by doer: Doer) async throws -> Grant {
        let email = AccountRules.canonical(email)
        let key = "\(doer.place) \(email)"
        try places.admit(doer.place, now: ambient.now())
        try attempts.admit(key, now: ambient.now())
        try targets.admit(email, now: ambient.now())
        let account = try await store.find(email: email)
        let isRight = try await verify(password, of: account)
        guard let account, isRight else {
            // Who is meant is written down only where it is an account: people type their password
            // into the wrong field.
            await audit.note(.logIn, by: doer, target: account?.id, outcome: .refused)
            throw Fault(.unauthenticated, "e-mail address or password is wrong")
        }
        attempts.forget(key)
        targets.forget(email)
        if Password.isOutdated(account.passwordHash) {
            let hash = try await passwords.run { Password.hash(password) }
            try await store.respell(hash, of: account)
        }
        return try await open(account, method: "password", by: doer)
    }

    func verify(
        _ password: String, of account: AccountStore.Account?
    ) async throws -> Bool {
        let kept = account.flatMap { $0.passwordHash.isEmpty ? nil : $0.passwordHash }
        return try await passwords.run {
            Password.verify(password, against: kept ?? Self.nobody)
        }
    }

    /// The right password stands for the person, though a token was sent: it may be a stolen one.
    func changePassword(
        of account: AccountStore.Account, from current: String, to new: String, by doer: Doer
    ) async throws {
        guard try await prove(account, by: current, for: .passwordChange, by: doer) else {
            throw Fault(
                .invalid, "the password was not changed",
                fields: [FieldFault("/current", "is not the present password")])
        }
        do {
            try AccountRules.checkPassword(new)
        } catch {
            let what = error.fields?.first?.message ?? error.message
            throw Fault(
                .invalid, "the password was refused", fields: [FieldFault("/new", what)])
        }
        let hash = try await passwords.run { Password.hash(new) }
        let isSet = try await store.setPassword(
            hash, of: account.id,
            noting: audit.entry(.passwordChange, by: doer, target: account.id))
        guard isSet else { throw Self.refusal }
        attempts.forget("password \(account.id)")
    }

    /// Whether somebody signed in knows the account's password too; noted when they do not. Throws
    /// `limited` after too many tries.
    func prove(
        _ account: AccountStore.Account, by password: String, for action: AuditLog.Action,
        by doer: Doer
    ) async throws -> Bool {
        try attempts.admit("password \(account.id)", now: ambient.now())
        if try await verify(password, of: account) { return true }
        await audit.note(action, by: doer, target: account.id, outcome: .refused)
        return false
    }

    func endTokens(of id: String, by doer: Doer) async throws {
        try await store.raiseGeneration(
            of: id, noting: audit.entry(.logOutEverywhere, by: doer, target: id))
    }

    func token(for account: AccountStore.Account, signIn: String? = nil) throws -> String {
        let now = ambient.now() / 1_000
        return try tokens.sign(
            Claims(
                sub: account.id, role: account.role, iat: now,
                exp: now + Int64(config.tokenSeconds), gen: account.generation, sid: signIn))
    }

    /// Who bears the credentials that somebody has just shown: whom an issuer vouches for has an account
    /// from then on, and a key has been used. Throws `unauthenticated`, saying no more than that.
    nonisolated(nonsending) func identify(
        _ bearer: String, by doer: Doer
    ) async throws -> Identity {
        try await identity(of: bearer, shownBy: doer)
    }

    /// The same where nobody has come in: it leaves no trace, and who has no account gets none by it.
    nonisolated(nonsending) func known(_ bearer: String) async throws -> Identity {
        try await identity(of: bearer, shownBy: nil)
    }

    /// Ours are signed with a shared secret and others' never are: neither is ever tried with the
    /// other's keys.
    private nonisolated(nonsending) func identity(
        of bearer: String, shownBy doer: Doer?
    ) async throws -> Identity {
        if bearer.hasPrefix("atl_") { return try await identify(key: bearer, marks: doer != nil) }
        let now = ambient.now() / 1_000
        let digest = SHA256.digest(Array(bearer.utf8))
        let edition = store.database.edition
        if let (claims, bearer) = verified.find(digest, now: now, edition: edition) {
            if let bearer { return bearer }
            let identity = try await identify(claims)
            verified.keep(claims, of: identity, edition: edition, under: digest)
            return identity
        }
        guard let token = UnverifiedJWT(bearer) else { throw Self.refusal }
        if token.algorithm != "HS256", !outside.isEmpty {
            return try await identify(outside: token, shownBy: doer)
        }
        guard let claims = tokens.verify(token, now: now) else { throw Self.refusal }
        let identity = try await identify(claims)
        verified.keep(claims, of: identity, edition: edition, under: digest)
        return identity
    }

    /// Who has shown a token of ours that says this.
    private nonisolated(nonsending) func identify(_ claims: Claims) async throws -> Identity {
        guard let account = try await store.find(id: claims.sub, signIn: claims.sid),
            account.generation == claims.gen, !account.isDisabled
        else { throw Self.refusal }
        return Identity(user: account.id, role: account.role, signIn: claims.sid)
    }

    /// Of somebody who was known a moment ago; throws `unauthenticated` where it has ended since.
    func account(_ id: String) async throws -> AccountStore.Account {
        guard let account = try await store.find(id: id) else {
            throw Fault(.unauthenticated, "the account is gone")
        }
        return account
    }

    /// Makes the hash that unknown addresses are compared with, before anybody can measure it.
    func prepare() async throws {
        _ = try await passwords.run { Self.nobody }
    }

    static let refusal = Fault(.unauthenticated, "the credentials are not valid or expired")
    /// A hash that no password has, so that an unknown address costs what a known one does.
    private static let nobody = Password.hash(Base64URL.encode(randomBytes(32)))
}
