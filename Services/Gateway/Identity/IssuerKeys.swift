import Crypto
import FoundationEssentials
import MeshContract

/// What an issuer says of itself (OpenID Connect Discovery 1.0, section 3).
struct IssuerDocument: Decodable, Sendable {
    var issuer: String
    var jwks_uri: String
    var authorization_endpoint: String?
    var token_endpoint: String?
    var token_endpoint_auth_methods_supported: [String]?
}

/// The keys of one issuer: fetched when they are first needed, kept for a while, and fetched again for
/// a key that is not among them, but not for every token that names one. What is fetched is fetched for
/// all: nobody's leaving ends it, and nobody waits for it longer than their turn.
actor IssuerKeys {
    /// When is fetched, and how long is waited for it, in seconds.
    struct Pace: Sendable {
        var keep = 600.0
        /// Between two looks for a key that nobody knows.
        var unknown = 30.0
        /// After a failure, from its end: it may have taken long itself.
        var retry = 5.0
        /// Whoever needs the keys at once.
        var patience = 10.0
    }

    private let issuer: String
    private let keysURL: String?
    private let asking: any ProviderAsking
    private let pace: Pace
    private let now: @Sendable () -> Double

    private var document: IssuerDocument?
    private var set: JWKSet?
    private var fetchedAt = -Double.infinity
    private var triedAt = -Double.infinity
    private var failedAt = -Double.infinity
    private var failure: Fault?
    private var isFetching = false
    private var waiters: [Int: AsyncStream<Never>.Continuation] = [:]
    private var lastWaiter = 0

    init(
        issuer: String, keysURL: String?, asking: any ProviderAsking, pace: Pace = Pace(),
        now: @escaping @Sendable () -> Double
    ) {
        (self.issuer, self.keysURL, self.asking) = (issuer, keysURL, asking)
        (self.pace, self.now) = (pace, now)
    }

    /// The keys that may have signed a token; empty for a key that the issuer does not have. Throws
    /// `unavailable` where its keys cannot be had at all.
    func keys(for token: UnverifiedJWT) async throws(Fault) -> [PublicKey] {
        if isDue(for: token.keyID) { await fetched() }
        guard let set else {
            throw Fault(
                .unavailable, "the keys of the token's issuer cannot be had",
                detail: failure?.detail ?? failure?.message, retryAfterMilliseconds: 5_000)
        }
        return set.candidates(for: token)
    }

    /// The discovery document, fetched once.
    func described() async throws(Fault) -> IssuerDocument {
        if let document { return document }
        let found: IssuerDocument = try await read(
            issuer + (issuer.hasSuffix("/") ? "" : "/") + ".well-known/openid-configuration")
        // Else anybody whose document is found could speak for this issuer (section 4.3).
        guard found.issuer == issuer else {
            throw Fault(.upstream, "the issuer's document is another issuer's")
        }
        let urls = [found.jwks_uri, found.authorization_endpoint, found.token_endpoint]
        for url in urls.compactMap({ $0 }) where !ProviderURL.isTrusted(url) {
            throw Fault(.upstream, "the issuer's document leads to what is not https")
        }
        document = found
        return found
    }

    private func isDue(for id: String?) -> Bool {
        let now = now()
        if isFetching { return set == nil || set?.knows(id) == false }
        if failure != nil, now - failedAt < pace.retry { return false }
        guard let set else { return true }
        if now - fetchedAt >= pace.keep { return true }
        return !set.knows(id) && now - triedAt >= pace.unknown
    }

    /// One at a time: who comes meanwhile waits for the same answer. Returns as well when the task is
    /// cancelled, and when it takes too long.
    private func fetched() async {
        if !isFetching {
            isFetching = true
            // Its own, for whoever asked first may go. Its requests have their deadlines.
            Task { await fetch() }
        }
        let (end, waiter) = AsyncStream<Never>.makeStream()
        lastWaiter += 1
        let number = lastWaiter
        waiters[number] = waiter
        defer { waiters[number] = nil }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in end {} }
            group.addTask { [pace] in try? await Task.sleep(for: .seconds(pace.patience)) }
            await group.next()
            group.cancelAll()
        }
    }

    private func fetch() async {
        triedAt = now()
        do throws(Fault) {
            let url: String
            if let keysURL {
                url = keysURL
            } else {
                document = nil
                url = try await described().jwks_uri
            }
            let body = try await bytes(url)
            guard let found = JWKSet(body) else {
                throw Fault(.upstream, "the issuer's keys cannot be read")
            }
            (set, fetchedAt, failure) = (found, now(), nil)
        } catch {
            // What was known goes on: an issuer that is away for a moment locks nobody out.
            (failure, failedAt) = (error, now())
            document = nil
        }
        isFetching = false
        for waiter in waiters.values { waiter.finish() }
    }

    private func read<T: Decodable>(_ url: String) async throws(Fault) -> T {
        let body = try await bytes(url)
        guard let value = try? JSONDecoder().decode(T.self, from: Data(body)) else {
            throw Fault(.upstream, "the issuer's document cannot be read")
        }
        return value
    }

    private func bytes(_ url: String) async throws(Fault) -> [UInt8] {
        let reply = try await asking.ask(ProviderRequest("GET", url))
        guard reply.status == 200 else {
            throw Fault(.upstream, "the issuer answered \(reply.status)")
        }
        return reply.body
    }
}
