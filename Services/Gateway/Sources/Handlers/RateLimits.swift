import HTTP
import MeshContract
import REST
import ServiceKit

/// How often one may ask: by address before anybody is known, by user and key afterwards.
///
/// Administrators are not limited by their account, and this machine itself not by its address
/// unless a limit for addresses is set.
struct RateLimits: Sendable {
    /// Buckets that are full again this soon are not worth a line on disk.
    private static let worth: Int64 = 5_000_000
    private static let mostKept = 50_000
    private static let usualAddressLimit = 6_000

    let store: RateStore
    let ambient: Ambient
    private let user: RateRule
    private let key: RateRule
    private let address: RateRule
    private let limitsThisMachine: Bool
    private let buckets = RateBuckets(most: mostKept)

    init(store: RateStore, ambient: Ambient, config: GatewayConfig) {
        (self.store, self.ambient) = (store, ambient)
        user = RateRule(name: "user", perMinute: config.requestsPerMinute)
        key = RateRule(name: "key", perMinute: config.keyRequestsPerMinute)
        address = RateRule(
            name: "address",
            perMinute: config.addressRequestsPerMinute ?? Self.usualAddressLimit)
        limitsThisMachine = config.addressRequestsPerMinute != nil
    }

    /// Counts a request of a place. Throws `limited`; notes what its headers say.
    func admit(_ request: HTTPRequest, noting notes: RequestNotes) throws(Fault) {
        guard limitsThisMachine || !Network.isThisMachine(request.remote) else { return }
        try judge([.init(address, Network.customer(request.remote))], notes)
    }

    /// Counts a request of somebody known. Throws `limited`; notes what its headers say.
    func admit(_ identity: Identity, noting notes: RequestNotes) throws(Fault) {
        guard identity.role != "admin", !identity.user.isEmpty else { return }
        var claims = [RateBuckets.Claim(user, identity.user)]
        if let id = identity.key { claims.append(.init(key, id)) }
        try judge(claims, notes)
    }

    private func judge(_ claims: [RateBuckets.Claim], _ notes: RequestNotes) throws(Fault) {
        guard let standing = buckets.take(claims, now: ambient.now() * 1_000) else { return }
        notes.limits(Self.headers(standing), isRefused: standing.isRefused)
        guard standing.isRefused else { return }
        throw Fault(
            .limited, "too many requests of this \(standing.rule.name)",
            detail: "\(standing.rule.perMinute) a minute",
            retryAfterMilliseconds: Int(max(standing.waitMicroseconds / 1_000, 1)))
    }

    /// The fields of the IETF draft (draft-ietf-httpapi-ratelimit-headers-10), and those of its
    /// earlier versions, which clients know better.
    static func headers(_ standing: RateStanding) -> [(String, String)] {
        let rule = standing.rule
        let seconds = String((max(standing.waitMicroseconds, 0) + 999_999) / 1_000_000)
        let remaining = String(standing.remaining)
        return [
            ("RateLimit-Limit", rule.limit), ("RateLimit-Remaining", remaining),
            ("RateLimit-Reset", seconds), ("RateLimit-Policy", rule.policy),
            ("RateLimit", "\"" + rule.name + "\";r=" + remaining + ";t=" + seconds),
        ]
    }

    // MARK: Over a restart

    /// Takes up where the last process ended.
    func restore() async throws {
        buckets.restore(
            try await store.open(at: ambient.now() * 1_000, limit: Self.mostKept))
    }

    /// Writes down what has changed.
    func save() async throws {
        try await store.keep(
            buckets.unsaved(worth: Self.worth, now: ambient.now() * 1_000))
    }

    func sweep() async throws { try await store.forget(fullBefore: ambient.now() * 1_000) }
}
