import COpenSSL

/// Passwords as they are kept: scrypt (RFC 7914) with a salt of their own, in the PHC string format
/// (https://github.com/P-H-C/phc-string-format): `$scrypt$ln=15,r=8,p=1$salt$hash`.
///
/// The cost stands beside the hash, so that it can be raised and old ones still verify. One hash
/// takes about 50 ms and 32 MiB: call it away from the event loop.
public enum Password {
    private struct Cost: Equatable {
        /// The logarithm of the cost to base 2.
        var log: UInt64
        var block: UInt64
        var lanes: UInt64
    }

    private static let cost = Cost(log: 15, block: 8, lanes: 1)
    private static let memory: UInt64 = 64 << 20
    private static let longestSalt = 64

    public static func hash(_ password: String) -> String {
        let salt = randomBytes(16)
        let hash = derive(password, salt, cost) ?? []
        precondition(hash.count == 32, "OpenSSL has no scrypt")
        return "$scrypt$ln=\(cost.log),r=\(cost.block),p=\(cost.lanes)"
            + "$\(spelled(salt))$\(spelled(hash))"
    }

    /// False as well for a text that is no hash of ours.
    public static func verify(_ password: String, against kept: String) -> Bool {
        guard let (cost, salt, hash) = parse(kept), let derived = derive(password, salt, cost)
        else { return false }
        return constantTimeEqual(derived, hash)
    }

    /// True for a hash of another cost or an older spelling: who has just proven the password can be
    /// given a new one.
    public static func isOutdated(_ kept: String) -> Bool {
        !kept.hasPrefix("$") || parse(kept)?.cost != cost
    }

    private static func parse(_ kept: String) -> (cost: Cost, salt: [UInt8], hash: [UInt8])? {
        let parts = kept.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        let texts: (cost: Cost?, salt: String, hash: String)
        if parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" {
            texts = (cost(parts[2]), inURLAlphabet(parts[3]), inURLAlphabet(parts[4]))
        } else if parts.count == 6, parts[0] == "scrypt" {
            // As it was written first: scrypt$N$r$p$salt$hash.
            texts = (olderCost(parts[1...3].map { UInt64($0) }), parts[4], parts[5])
        } else {
            return nil
        }
        guard let cost = texts.cost, let salt = Base64URL.decode(texts.salt),
            let hash = Base64URL.decode(texts.hash), salt.count <= longestSalt
        else { return nil }
        return (cost, salt, hash)
    }

    private static func cost(_ text: String) -> Cost? {
        var values: [UInt64] = []
        for (part, name) in zip(text.split(separator: ","), ["ln=", "r=", "p="]) {
            guard part.hasPrefix(name), let value = UInt64(part.dropFirst(name.count)) else {
                return nil
            }
            values.append(value)
        }
        guard values.count == 3, (1...30).contains(values[0]), text.filter({ $0 == "," }).count == 2
        else { return nil }
        return Cost(log: values[0], block: values[1], lanes: values[2])
    }

    private static func olderCost(_ values: [UInt64?]) -> Cost? {
        guard let number = values[0], let block = values[1], let lanes = values[2],
            number > 1, number & (number - 1) == 0
        else { return nil }
        return Cost(log: UInt64(number.trailingZeroBitCount), block: block, lanes: lanes)
    }

    /// The usual alphabet of Base64 without padding, as the format has it.
    private static func spelled(_ bytes: [UInt8]) -> String {
        String(Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    }

    private static func inURLAlphabet(_ text: String) -> String {
        guard !text.contains("-"), !text.contains("_") else { return "=" }
        return String(text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }

    private static func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) -> [UInt8]? {
        var out = [UInt8](repeating: 0, count: 32)
        let bytes = Array(password.utf8)
        let done = bytes.withUnsafeBytes { raw in
            EVP_PBE_scrypt(
                raw.baseAddress.map { $0.assumingMemoryBound(to: CChar.self) }, bytes.count, salt,
                salt.count, 1 << cost.log, cost.block, cost.lanes, memory, &out, out.count)
        }
        if done != 1 { ERR_clear_error() }
        return done == 1 ? out : nil
    }
}
