import Crypto
import MeshContract
import REST
import ServiceKit
import Synchronization

/// Registering, logging in, and telling who a request comes from.
struct Accounts: Sendable {
    let store: AccountStore
    let jwt: JWT
    /// scrypt takes 50 ms of a core: never on a loop, and few at a time.
    let passwords: BlockingPool
    let ambient: Ambient
    let config: GatewayConfig
    private let attempts = AttemptLimiter()

    init(
        store: AccountStore, jwt: JWT, passwords: BlockingPool, ambient: Ambient,
        config: GatewayConfig
    ) {
        (self.store, self.jwt, self.passwords) = (store, jwt, passwords)
        (self.ambient, self.config) = (ambient, config)
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
        try attempts.admit("\(remote) \(email)", now: ambient.now())
        let account = try await store.find(email: email)
        let kept = account?.passwordHash ?? Self.nobody
        let isRight = try await passwords.run { Password.verify(password, against: kept) }
        guard let account, isRight else {
            throw Fault(.unauthenticated, "e-mail address or password is wrong")
        }
        return try token(for: account)
    }

    func token(for account: AccountStore.Account) throws -> String {
        let now = ambient.now() / 1_000
        return try jwt.sign(
            Claims(
                sub: account.id, role: account.role, iat: now,
                exp: now + Int64(config.tokenSeconds), gen: account.generation))
    }

    /// A new API key, shown this once; its hash is kept.
    func makeKey(for account: String, name: String) async throws -> String {
        let key = "atl_" + Base64URL.encode(randomBytes(32))
        try await store.insertKey(
            ambient.makeID("key"), hash: SHA256.digest(Array(key.utf8)), account: account,
            name: name, at: ambient.now())
        return key
    }

    /// Who bears the credentials. Throws `unauthenticated`, saying no more than that.
    func identify(_ bearer: String) async throws -> Identity {
        let account: AccountStore.Account?
        if bearer.hasPrefix("atl_") {
            account = try await store.find(keyHash: SHA256.digest(Array(bearer.utf8)))
        } else {
            let now = ambient.now() / 1_000
            guard let claims = try? jwt.verify(bearer, as: Claims.self, now: now) else {
                throw Self.refusal
            }
            account = try await store.find(id: claims.sub).flatMap {
                $0.generation == claims.gen ? $0 : nil
            }
        }
        guard let account else { throw Self.refusal }
        return Identity(user: account.id, role: account.role)
    }

    private static let refusal = Fault(.unauthenticated, "the credentials are not valid or expired")
    /// A hash that no password has, so that an unknown address costs what a known one does.
    private static let nobody = Password.hash(Base64URL.encode(randomBytes(32)))
}

/// Ten attempts a minute for one address from one place; the table is bounded.
private final class AttemptLimiter: Sendable {
    private static let perMinute = 10
    private static let most = 10_000
    private let windows = Mutex<[String: (start: Int64, count: Int)]>([:])

    func admit(_ key: String, now: Int64) throws(Fault) {
        let wait = windows.withLock { windows -> Int64? in
            if windows.count >= Self.most {
                windows = windows.filter { now - $0.value.start < 60_000 }
                if windows.count >= Self.most { windows.removeAll() }
            }
            var window = windows[key] ?? (now, 0)
            if now - window.start >= 60_000 { window = (now, 0) }
            window.count += 1
            windows[key] = window
            return window.count > Self.perMinute ? 60_000 - (now - window.start) : nil
        }
        guard let wait else { return }
        throw Fault(
            .limited, "too many attempts to log in", retryAfterMilliseconds: Int(max(wait, 1)))
    }
}
