import Crypto

/// What opens a link: its id and a signature, so that a guess costs no look into the database.
enum LinkToken {
    private static let purpose = "atelier link 1\n"

    static func make(_ id: String, key: [UInt8]) -> String {
        "\(id).\(Base64URL.encode(signature(id, key)))"
    }

    /// The link's id; nil for what was not made with this key.
    static func id(in token: String, key: [UInt8]) -> String? {
        guard token.utf8.count <= 200, let dot = token.lastIndex(of: ".") else { return nil }
        let id = String(token[..<dot])
        guard let given = Base64URL.decode(token[token.index(after: dot)...]),
            constantTimeEqual(given, signature(id, key))
        else { return nil }
        return id
    }

    private static func signature(_ id: String, _ key: [UInt8]) -> [UInt8] {
        SHA256.hmac(Array((purpose + id).utf8), key: key)
    }
}
