import Crypto

/// The keys that access tokens are signed with: the first one signs, the others verify what they have
/// signed until that is over.
struct KeyRing: Sendable, Equatable {
    struct Key: Sendable, Equatable {
        /// What a token's `kid` says.
        var id: String
        var secret: [UInt8]
        /// Seconds since 1970; 0 where it is not known.
        var madeAt: Int64
        /// When the last of its tokens ends; nil for the key that signs.
        var endsAt: Int64?
    }

    /// A ring of more would be somebody's mistake.
    static let mostKeys = 16

    private(set) var keys: [Key]

    /// The first of the secrets signs.
    init(secrets: [[UInt8]]) {
        keys = secrets.map { Key(id: Self.id(of: $0), secret: $0, madeAt: 0) }
    }

    private init(keys: [Key]) { self.keys = keys }

    /// A name that does not tell the key.
    static func id(of secret: [UInt8]) -> String {
        Base64URL.encode(
            Array(SHA256.hmac(Array("atelier: name of a key".utf8), key: secret).prefix(9)))
    }

    func sign(_ claims: Claims) throws -> String {
        try JWT(key: keys[0].secret).sign(claims, keyID: keys[0].id)
    }

    /// nil for a token that no key of the ring has signed, or whose time is over. One without a
    /// `kid` is tried with every key: the first ones were made without.
    func verify(_ token: UnverifiedJWT, now: Int64) -> Claims? {
        for key in keys where token.keyID == nil || token.keyID == key.id {
            if let end = key.endsAt, now >= end { continue }
            if let claims = try? JWT(key: key.secret).verify(token, as: Claims.self, now: now) {
                return claims
            }
        }
        return nil
    }

    func knows(_ id: String?) -> Bool { id == nil || keys.contains { $0.id == id } }

    /// A new key signs from now on; the ones before it verify for as long as their tokens last.
    func rotated(to secret: [UInt8], now: Int64, lifetime: Int64) -> KeyRing {
        let kept = keys.filter { $0.endsAt.map { now < $0 } ?? true }.map { key in
            var key = key
            key.endsAt = key.endsAt ?? now + lifetime
            return key
        }
        let new = Key(id: Self.id(of: secret), secret: secret, madeAt: now)
        return KeyRing(keys: Array(([new] + kept).prefix(Self.mostKeys)))
    }

    // MARK: As a file

    /// A line for each key: name, when it was made, when it ends, its secret.
    var text: String {
        keys.map { key in
            "\(key.id) \(key.madeAt) \(key.endsAt.map { "\($0)" } ?? "-") "
                + Base64URL.encode(key.secret) + "\n"
        }.joined()
    }

    /// nil for a text that is no ring.
    init?(text: String) {
        var keys: [Key] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 4, let madeAt = Int64(parts[1]),
                let secret = Base64URL.decode(parts[3]), secret.count >= 32
            else { return nil }
            let endsAt = Int64(parts[2])
            guard endsAt != nil || parts[2] == "-" else { return nil }
            keys.append(
                Key(id: String(parts[0]), secret: secret, madeAt: madeAt, endsAt: endsAt))
        }
        guard let first = keys.first, first.endsAt == nil, keys.count <= Self.mostKeys else {
            return nil
        }
        self.keys = keys
    }
}
