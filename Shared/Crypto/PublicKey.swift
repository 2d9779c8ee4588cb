import COpenSSL

/// The public half of somebody else's key, which verifies signatures of one algorithm and no other:
/// that a token asks for another one changes nothing.
///
/// Unchecked: OpenSSL counts references with atomics, and verifying only reads the key.
public final class PublicKey: @unchecked Sendable {
    /// As RFC 7518 and RFC 8037 name them.
    public enum Algorithm: String, Sendable, CaseIterable {
        case rs256 = "RS256"
        case es256 = "ES256"
        case eddsa = "EdDSA"
    }

    public let algorithm: Algorithm
    private let raw: OpaquePointer

    /// An RSA key of 2048 to 8192 bits (RFC 8017), for RS256; nil for anything else.
    public convenience init?(rsaModulus modulus: [UInt8], exponent: [UInt8]) {
        let (modulus, exponent) = (DER.trimmed(modulus), DER.trimmed(exponent))
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard (2_048...8_192).contains(bits), (1...8).contains(exponent.count),
            exponent.last.map({ $0 & 1 == 1 }) == true, exponent != [1]
        else { return nil }
        let key = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
        self.init(.rs256, DER.sequence(DER.rsaEncryption + DER.bits(key)))
    }

    /// A point of the curve P-256 (FIPS 186-5), for ES256; nil for anything else.
    public convenience init?(p256X x: [UInt8], y: [UInt8]) {
        guard x.count == 32, y.count == 32 else { return nil }
        self.init(.es256, DER.sequence(DER.p256 + DER.bits([4] + x + y)))
    }

    /// An Ed25519 key (RFC 8032), for EdDSA; nil for anything else.
    public convenience init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == Ed25519.keyBytes else { return nil }
        self.init(.eddsa, DER.sequence(DER.ed25519 + DER.bits(bytes)))
    }

    /// `info` is a SubjectPublicKeyInfo (RFC 5280). OpenSSL looks whether a point is on its curve.
    private init?(_ algorithm: Algorithm, _ info: [UInt8]) {
        let key = info.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var at = bytes.baseAddress
            return d2i_PUBKEY(nil, &at, bytes.count)
        }
        guard let key else {
            ERR_clear_error()
            return nil
        }
        (self.algorithm, raw) = (algorithm, key)
    }

    deinit { EVP_PKEY_free(raw) }

    /// The signature as JWS has it: for ES256 both numbers, 32 bytes each. False as well for bytes
    /// that are no signature.
    public func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let signature = spelled(signature), let context = EVP_MD_CTX_new() else {
            return false
        }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        let digest = algorithm == .eddsa ? nil : EVP_sha256()
        return EVP_DigestVerifyInit(context, nil, digest, nil, raw) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private func spelled(_ signature: [UInt8]) -> [UInt8]? {
        guard algorithm == .es256 else { return signature }
        guard signature.count == 64 else { return nil }
        return DER.sequence(
            DER.integer(DER.trimmed(Array(signature[..<32])))
                + DER.integer(DER.trimmed(Array(signature[32...]))))
    }
}

/// As much of ASN.1's distinguished encoding (X.690) as public keys and signatures take.
private enum DER {
    /// SEQUENCE { rsaEncryption, NULL } (RFC 8017).
    static let rsaEncryption: [UInt8] = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    /// SEQUENCE { id-ecPublicKey, prime256v1 } (RFC 5480).
    static let p256: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ]
    /// SEQUENCE { id-Ed25519 } (RFC 8410).
    static let ed25519: [UInt8] = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70]

    static func sequence(_ content: [UInt8]) -> [UInt8] { [0x30] + length(content.count) + content }

    static func bits(_ content: [UInt8]) -> [UInt8] {
        [0x03] + length(content.count + 1) + [0] + content
    }

    /// A number that is not negative, from its trimmed bytes.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let bytes = bytes.first.map { $0 < 0x80 } == true ? bytes : [0] + bytes
        return [0x02] + length(bytes.count) + bytes
    }

    /// Without leading zeros.
    static func trimmed(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.drop { $0 == 0 }) }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 0x80 { return [UInt8(count)] }
        if count < 0x100 { return [0x81, UInt8(count)] }
        return [0x82, UInt8(count >> 8), UInt8(count & 0xff)]
    }
}
