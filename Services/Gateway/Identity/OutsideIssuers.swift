public import Crypto
public import MeshContract

/// Tells whose an outside issuer's token is.
public struct OutsideIssuers: Sendable {
    private struct Issuer: Sendable {
        var settings: IssuerSettings
        var keys: IssuerKeys
    }

    private let issuers: [String: Issuer]
    private let now: @Sendable () -> Double

    /// `now` in seconds since 1970.
    public init(
        _ settings: [IssuerSettings], asking: any ProviderAsking,
        now: @escaping @Sendable () -> Double
    ) {
        self.now = now
        issuers = Dictionary(
            settings.map { one in
                let keys = IssuerKeys(
                    issuer: one.issuer, keysURL: one.keysURL, asking: asking, now: now)
                return (one.issuer, Issuer(settings: one, keys: keys))
            }, uniquingKeysWith: { first, _ in first })
    }

    public var isEmpty: Bool { issuers.isEmpty }

    /// Throws `unauthenticated`, with the reason for the log alone, or `unavailable` where the keys
    /// cannot be had. The signature is checked before anything of the claims counts, with a key of
    /// the issuer's and that key's one algorithm.
    public func verify(_ token: UnverifiedJWT) async throws(Fault) -> OutsideIdentity {
        guard let name = token.claimedIssuer, let issuer = issuers[name] else {
            throw Self.refusal("no issuer of ours")
        }
        guard let algorithm = PublicKey.Algorithm(rawValue: token.algorithm),
            issuer.settings.algorithms.contains(algorithm)
        else { throw Self.refusal("an algorithm that is not taken") }
        for key in try await issuer.keys.keys(for: token) {
            guard let claims = token.claims(verifiedBy: key, as: OutsideClaims.self) else {
                continue
            }
            let objection = claims.objection(
                issuer: issuer.settings.issuer, audiences: issuer.settings.audiences,
                parties: issuer.settings.parties, now: now())
            if let objection { throw Self.refusal(objection) }
            return claims.identity
        }
        throw Self.refusal("no key of the issuer's has signed it")
    }

    static func refusal(_ why: String) -> Fault {
        Fault(.unauthenticated, "the token is not valid", detail: why)
    }
}
