public import Crypto
import FoundationEssentials
public import MeshContract

/// An issuer whose tokens are taken, and what they must say to be for us.
public struct IssuerSettings: Sendable, Equatable {
    /// As its tokens name it in `iss`, to the letter.
    public var issuer: String
    /// One of them must be among the token's `aud`.
    public var audiences: [String]
    /// One of them must be the token's `azp`, where any is said: Clerk tells so which page a token
    /// was made for.
    public var parties: [String]
    /// Where its keys are; nil for where its discovery document says.
    public var keysURL: String?
    public var algorithms: Set<PublicKey.Algorithm>

    public init(
        issuer: String, audiences: [String] = [], parties: [String] = [], keysURL: String? = nil,
        algorithms: Set<PublicKey.Algorithm> = Set(PublicKey.Algorithm.allCases)
    ) throws(Fault) {
        (self.issuer, self.audiences, self.parties) = (issuer, audiences, parties)
        (self.keysURL, self.algorithms) = (keysURL, algorithms)
        for url in [issuer] + [keysURL].compactMap({ $0 }) where !ProviderURL.isTrusted(url) {
            throw Fault(.invalid, "\(url) is no https address", detail: "for an issuer of tokens")
        }
        guard !audiences.isEmpty || !parties.isEmpty else {
            throw Fault(
                .invalid, "\(issuer) needs an audience or authorized parties",
                detail: "else tokens that it made for others would count here")
        }
        guard !algorithms.isEmpty else {
            throw Fault(
                .invalid, "\(issuer) needs an algorithm: RS256, ES256 or EdDSA")
        }
    }

    private struct Entry: Decodable {
        var issuer: String
        var audience: OneOrMore?
        var azp: OneOrMore?
        var jwks_url: String?
        var algorithms: [String]?
    }

    /// Reads a JSON list of `{issuer, audience, azp, jwks_url, algorithms}`, or addresses with commas
    /// between them, which then have one audience.
    public static func list(
        _ text: String, audience: String? = nil
    ) throws(Fault) -> [IssuerSettings] {
        var all: [IssuerSettings] = []
        if text.hasPrefix("[") {
            guard
                let entries = try? JSONDecoder().decode([Entry].self, from: Data(text.utf8))
            else {
                throw Fault(
                    .invalid, "ATELIER_ISSUERS is a list of {issuer, audience, azp, jwks_url}")
            }
            for entry in entries {
                let known = entry.algorithms.map { $0.compactMap(PublicKey.Algorithm.init) }
                guard known?.count == entry.algorithms?.count else {
                    throw Fault(
                        .invalid, "\(entry.issuer) names an algorithm that is not taken",
                        detail: "RS256, ES256 and EdDSA are")
                }
                all.append(
                    try IssuerSettings(
                        issuer: entry.issuer, audiences: entry.audience?.values ?? [],
                        parties: entry.azp?.values ?? [], keysURL: entry.jwks_url,
                        algorithms: Set(known ?? PublicKey.Algorithm.allCases)))
            }
        } else {
            for url in text.split(separator: ",") {
                all.append(
                    try IssuerSettings(
                        issuer: String(url.filter { $0 != " " }),
                        audiences: audience.map { [$0] } ?? []))
            }
        }
        return all
    }
}

/// A text, or a list of texts, as JWT has `aud`.
struct OneOrMore: Decodable, Sendable {
    var values: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(String.self) {
            values = [one]
        } else {
            values = try container.decode([String].self)
        }
    }
}
