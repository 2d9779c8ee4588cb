import FoundationEssentials

/// JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 (`HS256`, RFC 7518).
public struct JWT: Sendable {
    /// Why a token was refused. Callers tell the outside one thing for all of them.
    public enum Refusal: Error, Sendable, Equatable {
        case malformed, algorithm, signature, expired, notYetValid
    }

    private struct Header: Encodable {
        var alg: String
        var typ: String?
        var kid: String?
    }

    private struct Times: Codable {
        var exp: Int64?
        var nbf: Int64?
    }

    private static let largest = 8_192
    private let key: [UInt8]

    /// `key` should be at least 32 bytes that nobody can guess.
    public init(key: [UInt8]) { self.key = key }

    /// `keyID` names the key to whoever verifies and has several.
    public func sign(_ claims: some Encodable, keyID: String? = nil) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let header = try encoder.encode(Header(alg: "HS256", typ: "JWT", kid: keyID))
        let body = try encoder.encode(claims)
        let text = "\(Base64URL.encode(Array(header))).\(Base64URL.encode(Array(body)))"
        return "\(text).\(Base64URL.encode(SHA256.hmac(Array(text.utf8), key: key)))"
    }

    /// `now` in seconds since 1970. The signature is checked before anything of the claims is read;
    /// only the algorithm that this key is for is accepted, whatever the header asks.
    public func verify<Claims: Decodable>(
        _ token: String, as type: Claims.Type, now: Int64
    ) throws(Refusal) -> Claims {
        guard token.utf8.count <= Self.largest, let parts = UnverifiedJWT(token) else {
            throw .malformed
        }
        return try verify(parts, as: type, now: now)
    }

    /// The same for a token that was taken apart to find its key.
    public func verify<Claims: Decodable>(
        _ token: UnverifiedJWT, as _: Claims.Type, now: Int64
    ) throws(Refusal) -> Claims {
        guard token.algorithm == "HS256" else { throw .algorithm }
        guard constantTimeEqual(SHA256.hmac(token.signedText, key: key), token.signature) else {
            throw .signature
        }
        guard let times = try? JSONDecoder().decode(Times.self, from: Data(token.body)),
            let claims = try? JSONDecoder().decode(Claims.self, from: Data(token.body))
        else { throw .malformed }
        if let end = times.exp, now >= end { throw .expired }
        if let start = times.nbf, now < start { throw .notYetValid }
        return claims
    }
}
