import COpenSSL

/// Passwords as they are kept: scrypt (RFC 7914) with a salt of their own.
///
/// Written as `scrypt$N$r$p$salt$hash`, so that the cost can be raised and old ones still verify.
/// One hash takes about 50 ms and 32 MiB: call it away from the event loop.
public enum Password {
    private static let cost: UInt64 = 1 << 15
    private static let block: UInt64 = 8
    private static let lanes: UInt64 = 1
    private static let memory: UInt64 = 64 << 20

    public static func hash(_ password: String) -> String {
        let salt = randomBytes(16)
        let hash = derive(password, salt, cost, block, lanes) ?? []
        precondition(hash.count == 32, "OpenSSL has no scrypt")
        return
            "scrypt$\(cost)$\(block)$\(lanes)$\(Base64URL.encode(salt))$\(Base64URL.encode(hash))"
    }

    /// False as well for a text that is no hash of ours.
    public static func verify(_ password: String, against kept: String) -> Bool {
        let parts = kept.split(separator: "$")
        guard parts.count == 6, parts[0] == "scrypt",
            let cost = UInt64(parts[1]), let block = UInt64(parts[2]), let lanes = UInt64(parts[3]),
            let salt = Base64URL.decode(parts[4]), let hash = Base64URL.decode(parts[5]),
            let derived = derive(password, salt, cost, block, lanes)
        else { return false }
        return constantTimeEqual(derived, hash)
    }

    private static func derive(
        _ password: String, _ salt: [UInt8], _ cost: UInt64, _ block: UInt64, _ lanes: UInt64
    ) -> [UInt8]? {
        var out = [UInt8](repeating: 0, count: 32)
        let bytes = Array(password.utf8)
        let done = bytes.withUnsafeBytes { raw in
            EVP_PBE_scrypt(
                raw.baseAddress.map { $0.assumingMemoryBound(to: CChar.self) }, bytes.count, salt,
                salt.count, cost, block, lanes, memory, &out, out.count)
        }
        return done == 1 ? out : nil
    }
}
