import Crypto
import MeshContract
import REST
import ServiceKit

/// Registering, logging in, and telling who a request comes from.
struct Accounts: Sendable {
    static let mostKeys = 100

    let store: AccountStore
    let jwt: JWT
    /// scrypt takes 50 ms of a core: never on a loop, and few at a time.
    let passwords: BlockingPool
    let ambient: Ambient
    let config: GatewayConfig
    private let attempts = AttemptLimiter("log in", perMinute: 10)
    /// All addresses together, from one place: against one password tried on many.
    private let places: AttemptLimiter
    private let signups: AttemptLimiter
    private let keys = KeyCache()

    init(
        store: AccountStore, jwt: JWT, passwords: BlockingPool, ambient: Ambient,
        config: GatewayConfig
    ) {
        (self.store, self.jwt, self.passwords) = (store, jwt, passwords)
        (self.ambient, self.config) = (ambient, config)
        places = AttemptLimiter("log in", perMinute: config.loginsPerMinute)
        signups = AttemptLimiter("register", perMinute: config.signupsPerMinute)
    }

    /// Makes an account for somebody outside, from a place that may make so many.
    func signUp(
        email: String, password: String, name: String, from remote: String
    ) async throws -> AccountStore.Account {
        try AccountRules.check(email: email, password: password, name: name)
        try signups.admit(remote, now: ambient.now())
        return try await register(email: email, password: password, name: name)
    }

    func register(
        email: String, password: String, name: String, role: String = "user", plan: String = "free"
    ) async throws -> AccountStore.Account {
        try AccountRules.check(email: email, password: password, name: name)
        let hash = try await passwords.run { Password.hash(password) }
        let account = AccountStore.Account(
            id: ambient.makeID("usr"), email: AccountRules.canonical(email), name: name, role: role,
            plan: plan, passwordHash: hash, generation: 1, createdAt: ambient.now(),
            isBillingOpen: false)
        guard try await store.insert(account, atMost: config.maxUsers) else {
            throw Fault(.conflict, "this e-mail address has an account already")
        }
        return account
    }

    /// The same answer, after the same work, for an unknown address and for a wrong password.
    func logIn(email: String, password: String, from remote: String) async throws -> String {
        let email = AccountRules.canonical(email)
        let key = "\(remote) \(email)"
        try places.admit(remote, now: ambient.now())
        try attempts.admit(key, now: ambient.now())
        let account = try await store.find(email: email)
        let isRight = try await passwords.run {
            Password.verify(password, against: account?.passwordHash ?? Self.nobody)
        }
        guard let account, isRight else {
            throw Fault(.unauthenticated, "e-mail address or password is wrong")
        }
        attempts.forget(key)
        return try token(for: account)
    }

    /// The right password stands for the person, though a token was sent: it may be a stolen one.
    func changePassword(
        of account: AccountStore.Account, from current: String, to new: String
    ) async throws {
        try attempts.admit("password \(account.id)", now: ambient.now())
        let isRight = try await passwords.run {
            Password.verify(current, against: account.passwordHash)
        }
        guard isRight else {
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
        guard try await store.setPassword(hash, of: account.id) else { throw Self.refusal }
        attempts.forget("password \(account.id)")
    }

    func endTokens(of id: String) async throws { try await store.raiseGeneration(of: id) }

    func token(for account: AccountStore.Account) throws -> String {
        let now = ambient.now() / 1_000
        return try jwt.sign(
            Claims(
                sub: account.id, role: account.role, iat: now,
                exp: now + Int64(config.tokenSeconds), gen: account.generation))
    }

    /// A new API key, shown this once; its hash is kept. With `replacing`, the account's keys of the
    /// same name end.
    func makeKey(
        for account: String, name: String, replacing: Bool = false
    ) async throws -> (id: String, key: String) {
        let key = "atl_" + Base64URL.encode(randomBytes(32))
        let id = ambient.makeID("key")
        try await store.insertKey(
            id, hash: SHA256.digest(Array(key.utf8)), account: account, name: name,
            at: ambient.now(), replacing: replacing, atMost: Self.mostKeys)
        if replacing { keys.clear() }
        return (id, key)
    }

    /// Ends an API key at once. False when the account has none of this id.
    func endKey(_ id: String, of account: String) async throws -> Bool {
        defer { keys.clear() }
        return try await store.deleteKey(id, of: account)
    }

    /// Who bears the credentials. Throws `unauthenticated`, saying no more than that.
    func identify(_ bearer: String) async throws -> Identity {
        if bearer.hasPrefix("atl_") {
            return try await identify(key: SHA256.digest(Array(bearer.utf8)))
        }
        let now = ambient.now() / 1_000
        guard let claims = try? jwt.verify(bearer, as: Claims.self, now: now),
            let account = try await store.find(id: claims.sub), account.generation == claims.gen
        else { throw Self.refusal }
        return Identity(user: account.id, role: account.role)
    }

    private func identify(key hash: [UInt8]) async throws -> Identity {
        if let known = keys.find(hash) { return known }
        guard let (account, key) = try await store.find(keyHash: hash) else { throw Self.refusal }
        let identity = Identity(user: account.id, role: account.role, key: key)
        keys.keep(identity, under: hash)
        return identity
    }

    /// Makes the hash that unknown addresses are compared with, before anybody can measure it.
    func prepare() async throws {
        _ = try await passwords.run { Self.nobody }
    }

    private static let refusal = Fault(.unauthenticated, "the credentials are not valid or expired")
    /// A hash that no password has, so that an unknown address costs what a known one does.
    private static let nobody = Password.hash(Base64URL.encode(randomBytes(32)))
}
