import Crypto

/// The public half of a service's key, as others know it: a line `ed25519 <id> <key> <until>`.
public struct KnownKey: Sendable, Equatable {
    /// How long it counts.
    public enum Until: Sendable, Equatable {
        case always
        /// Up to this second since 1970.
        case second(Int64)
        /// Never again, whatever another file says.
        case revoked
    }

    /// Follows from the key: the beginning of its digest.
    public let id: String
    public let bytes: [UInt8]
    public var until: Until

    /// nil for bytes that are no key.
    public init?(_ bytes: [UInt8], until: Until = .always) {
        guard bytes.count == Ed25519.keyBytes else { return nil }
        (self.bytes, self.until) = (bytes, until)
        id = Hex.encode(Array(SHA256.digest(bytes).prefix(8)))
    }

    /// nil for a line that is none, or whose id is not its key's.
    public init?(line: String) {
        let words = line.split(separator: " ")
        guard words.count == 4, words[0] == "ed25519", let bytes = Base64URL.decode(words[2]) else {
            return nil
        }
        let until: Until
        switch words[3] {
        case "always": until = .always
        case "revoked": until = .revoked
        default:
            guard let second = Int64(words[3]), second > 0 else { return nil }
            until = .second(second)
        }
        self.init(bytes, until: until)
        guard id == words[1] else { return nil }
    }

    public var line: String {
        let end =
            switch until {
            case .always: "always"
            case .second(let second): "\(second)"
            case .revoked: "revoked"
            }
        return "ed25519 \(id) \(Base64URL.encode(bytes)) \(end)"
    }

    /// True when it proves something at this time, in milliseconds since 1970.
    public func counts(at now: Int64) -> Bool {
        switch until {
        case .always: true
        case .second(let second): now / 1_000 < second
        case .revoked: false
        }
    }
}

/// A service's key itself: a line `ed25519 <id> <key> <from>` of a file that only its owner reads.
public struct OwnKey: Sendable {
    private let secret: [UInt8]
    /// From this second since 1970 on it is the one that signs.
    public let from: Int64
    /// What others have to know of it.
    public let known: KnownKey

    /// A new one, made from chance.
    public init(from: Int64) {
        guard let made = Self(Ed25519.makeKey(), from: from) else {
            preconditionFailure("OpenSSL has no Ed25519")
        }
        self = made
    }

    private init?(_ secret: [UInt8], from: Int64) {
        guard let bytes = Ed25519.publicKey(of: secret), let known = KnownKey(bytes) else {
            return nil
        }
        (self.secret, self.from, self.known) = (secret, from, known)
    }

    /// nil for a line that is none.
    public init?(line: String) {
        let words = line.split(separator: " ")
        guard words.count == 4, words[0] == "ed25519", let from = Int64(words[3]),
            let secret = Base64URL.decode(words[2])
        else { return nil }
        self.init(secret, from: from)
        guard known.id == words[1] else { return nil }
    }

    /// Of the keys in a file, the one that signs at this second: the newest that has begun, and of
    /// two with the same beginning the one that was written later.
    public static func signing(_ keys: [OwnKey], at second: Int64) -> OwnKey? {
        keys.filter { $0.from <= second }.reversed().max { $0.from < $1.from }
    }

    /// Contains the secret: for its file only.
    public var line: String {
        "ed25519 \(known.id) \(Base64URL.encode(secret)) \(from)"
    }

    func sign(_ message: [UInt8]) -> [UInt8] { Ed25519.sign(message, with: secret) ?? [] }
}
