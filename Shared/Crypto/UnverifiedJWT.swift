import FoundationEssentials

/// A JSON Web Token taken apart (RFC 7515, compact form) and not yet believed: it says which key is
/// to be tried, and nothing more counts before that key has verified it.
public struct UnverifiedJWT: Sendable {
    private struct Header: Decodable {
        var alg: String
        var kid: String?
        var crit: [String]?
    }

    private struct Origin: Decodable { var iss: String? }

    public static let mostBytes = 16_384

    /// What the header says; a key decides for itself what it verifies.
    public let algorithm: String
    public let keyID: String?
    /// What the signature is over.
    public let signedText: [UInt8]
    public let signature: [UInt8]
    let body: [UInt8]

    /// nil for what is no token, is too long, or asks for extensions (`crit`): none is known here.
    public init?(_ token: String) {
        guard token.utf8.count <= Self.mostBytes else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(parts[0]),
            let body = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
            let header = try? JSONDecoder().decode(Header.self, from: Data(head)),
            header.crit == nil
        else { return nil }
        (algorithm, keyID) = (header.alg, header.kid)
        signedText = Array("\(parts[0]).\(parts[1])".utf8)
        (self.signature, self.body) = (signature, body)
    }

    /// Who claims to have issued it.
    public var claimedIssuer: String? {
        (try? JSONDecoder().decode(Origin.self, from: Data(body)))?.iss
    }

    /// The claims, once `key` has verified the signature; nil otherwise, also where the header asks
    /// for another algorithm than the key's own.
    public func claims<Claims: Decodable>(
        verifiedBy key: PublicKey, as _: Claims.Type
    ) -> Claims? {
        guard algorithm == key.algorithm.rawValue, key.verify(signature, of: signedText) else {
            return nil
        }
        return try? JSONDecoder().decode(Claims.self, from: Data(body))
    }
}
