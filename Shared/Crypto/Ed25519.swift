import COpenSSL

/// Signatures that whoever has the public half can check and nobody but the owner can make
/// (Ed25519, RFC 8032).
public enum Ed25519 {
    /// Bytes of a public key, and of a private one.
    public static let keyBytes = 32
    public static let signatureBytes = 64

    /// A private key made from chance.
    public static func makeKey() -> [UInt8] { randomBytes(keyBytes) }

    /// nil for bytes that are no private key.
    public static func publicKey(of key: [UInt8]) -> [UInt8]? {
        guard let handle = Handle(private: key) else { return nil }
        var out = [UInt8](repeating: 0, count: keyBytes)
        var count = out.count
        guard EVP_PKEY_get_raw_public_key(handle.raw, &out, &count) == 1, count == keyBytes else {
            return nil
        }
        return out
    }

    /// nil for bytes that are no private key.
    public static func sign(_ message: [UInt8], with key: [UInt8]) -> [UInt8]? {
        guard let handle = Handle(private: key), let context = EVP_MD_CTX_new() else { return nil }
        defer { EVP_MD_CTX_free(context) }
        var out = [UInt8](repeating: 0, count: signatureBytes)
        var count = out.count
        guard EVP_DigestSignInit(context, nil, nil, nil, handle.raw) == 1,
            EVP_DigestSign(context, &out, &count, message, message.count) == 1,
            count == signatureBytes
        else {
            ERR_clear_error()
            return nil
        }
        return out
    }

    /// False as well for bytes that are no key or no signature.
    public static func verify(
        _ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]
    ) -> Bool {
        guard signature.count == signatureBytes, let handle = Handle(public: publicKey),
            let context = EVP_MD_CTX_new()
        else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        return EVP_DigestVerifyInit(context, nil, nil, nil, handle.raw) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// OpenSSL's form of a key, as long as it is needed.
    private struct Handle: ~Copyable {
        let raw: OpaquePointer

        init?(private key: [UInt8]) {
            guard key.count == keyBytes,
                let raw = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, key, key.count)
            else { return nil }
            self.raw = raw
        }

        init?(public key: [UInt8]) {
            guard key.count == keyBytes,
                let raw = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, key, key.count)
            else { return nil }
            self.raw = raw
        }

        deinit { EVP_PKEY_free(raw) }
    }
}
