import COpenSSL

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D), by OpenSSL: what is sealed can be read, and
/// cannot be changed unseen, by a holder of the key alone.
public enum AESGCM {
    public static let keyBytes = 32
    static let nonceBytes = 12
    static let tagBytes = 16

    /// A nonce from chance, what was sealed, and the tag, one after the other. `context` is what has
    /// to be the same when it is opened. One key may seal 2^32 times.
    public static func seal(_ plain: [UInt8], key: [UInt8], context: [UInt8]) -> [UInt8] {
        precondition(key.count == keyBytes, "a key of AES-256 has 32 bytes")
        let nonce = randomBytes(nonceBytes)
        var sealed = [UInt8](repeating: 0, count: plain.count)
        var tag = [UInt8](repeating: 0, count: tagBytes)
        let isDone = run(encrypting: true, key, nonce, context, plain, into: &sealed, tag: &tag)
        precondition(isDone, "OpenSSL has no AES-256-GCM")
        return nonce + sealed + tag
    }

    /// Nil for what this key and context have not sealed, or what was changed since.
    public static func open(_ box: [UInt8], key: [UInt8], context: [UInt8]) -> [UInt8]? {
        precondition(key.count == keyBytes, "a key of AES-256 has 32 bytes")
        guard box.count >= nonceBytes + tagBytes else { return nil }
        let sealed = Array(box[nonceBytes..<(box.count - tagBytes)])
        var plain = [UInt8](repeating: 0, count: sealed.count)
        var tag = Array(box.suffix(tagBytes))
        let nonce = Array(box.prefix(nonceBytes))
        guard run(encrypting: false, key, nonce, context, sealed, into: &plain, tag: &tag) else {
            return nil
        }
        return plain
    }

    private static func run(
        encrypting: Bool, _ key: [UInt8], _ nonce: [UInt8], _ context: [UInt8], _ input: [UInt8],
        into output: inout [UInt8], tag: inout [UInt8]
    ) -> Bool {
        guard input.count <= Int(Int32.max), context.count <= Int(Int32.max),
            let cipher = EVP_CIPHER_CTX_new()
        else { return false }
        defer { EVP_CIPHER_CTX_free(cipher) }
        let mode: Int32 = encrypting ? 1 : 0
        var count: Int32 = 0
        guard EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce, mode) == 1 else {
            return false
        }
        if !encrypting {
            let isSet = EVP_CIPHER_CTX_ctrl(
                cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagBytes), &tag)
            guard isSet == 1 else { return false }
        }
        if !context.isEmpty {
            let isTaken = EVP_CipherUpdate(cipher, nil, &count, context, Int32(context.count))
            guard isTaken == 1 else { return false }
        }
        if !input.isEmpty {
            let isDone = EVP_CipherUpdate(cipher, &output, &count, input, Int32(input.count))
            guard isDone == 1, Int(count) == input.count else { return false }
        }
        var rest = [UInt8](repeating: 0, count: 16)
        guard EVP_CipherFinal_ex(cipher, &rest, &count) == 1 else { return false }
        guard encrypting else { return true }
        return EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagBytes), &tag) == 1
    }
}
