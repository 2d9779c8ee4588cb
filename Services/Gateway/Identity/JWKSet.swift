public import Crypto
import FoundationEssentials

/// The keys that an issuer signs with (RFC 7517). Keys of kinds that are not taken here are passed
/// over, as the standard asks.
public struct JWKSet: Sendable {
    public struct Key: Sendable {
        public let id: String?
        public let key: PublicKey
    }

    private struct Document: Decodable { var keys: [Lenient] }

    /// A member that cannot be read spoils no other one.
    private struct Lenient: Decodable {
        var value: Member?

        init(from decoder: any Decoder) throws { value = try? Member(from: decoder) }
    }

    private struct Member: Decodable {
        var kty: String
        var kid: String?
        var use: String?
        var alg: String?
        var key_ops: [String]?
        var n: String?
        var e: String?
        var crv: String?
        var x: String?
        var y: String?
    }

    /// More than any issuer has in use at once.
    private static let mostKeys = 100

    public let keys: [Key]

    /// nil for what is no set of keys.
    public init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else {
            return nil
        }
        keys = document.keys.prefix(Self.mostKeys).compactMap(\.value).compactMap { member in
            Self.key(member).map { Key(id: member.kid, key: $0) }
        }
    }

    /// The keys that a token may have been signed with. Without a `kid` all of its algorithm are.
    func candidates(for token: UnverifiedJWT) -> [PublicKey] {
        keys.filter { entry in
            entry.key.algorithm.rawValue == token.algorithm
                && (token.keyID == nil || entry.id == token.keyID)
        }.prefix(8).map(\.key)
    }

    func knows(_ id: String?) -> Bool { id == nil || keys.contains { $0.id == id } }

    /// The algorithm is the kind's own: what `alg` says must agree with it.
    private static func key(_ member: Member) -> PublicKey? {
        guard member.use ?? "sig" == "sig", member.key_ops?.contains("verify") ?? true else {
            return nil
        }
        func bytes(_ text: String?) -> [UInt8]? { text.flatMap { Base64URL.decode($0) } }
        let key: PublicKey?
        switch (member.kty, member.crv) {
        case ("RSA", _):
            guard let n = bytes(member.n), let e = bytes(member.e) else { return nil }
            key = PublicKey(rsaModulus: n, exponent: e)
        case ("EC", "P-256"):
            guard let x = bytes(member.x), let y = bytes(member.y) else { return nil }
            key = PublicKey(p256X: x, y: y)
        case ("OKP", "Ed25519"):
            guard let x = bytes(member.x) else { return nil }
            key = PublicKey(ed25519: x)
        default: return nil
        }
        guard let key, member.alg ?? key.algorithm.rawValue == key.algorithm.rawValue else {
            return nil
        }
        return key
    }
}
