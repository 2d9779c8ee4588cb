import COpenSSL

/// SHA-256 (FIPS 180-4) and HMAC (RFC 2104) over it, by OpenSSL.
public enum SHA256 {
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let done = EVP_Digest(bytes, bytes.count, &out, &length, EVP_sha256(), nil)
        precondition(done == 1 && length == 32, "OpenSSL has no SHA-256")
        return out
    }

    public static func hex(_ bytes: [UInt8]) -> String { Hex.encode(digest(bytes)) }

    /// 32 bytes that only a holder of `key` could have made.
    public static func hmac(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let done = HMAC(
            EVP_sha256(), key, Int32(key.count), message, message.count, &out, &length)
        precondition(done != nil && length == 32, "OpenSSL has no HMAC-SHA-256")
        return out
    }
}

/// SHA-1 (FIPS 180-4), for protocols that ask for it where nothing has to be kept secret, such as
/// the handshake of WebSocket.
public enum SHA1 {
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 20)
        var length: UInt32 = 0
        let done = EVP_Digest(bytes, bytes.count, &out, &length, EVP_sha1(), nil)
        precondition(done == 1 && length == 20, "OpenSSL has no SHA-1")
        return out
    }
}

/// SHA-256 of what comes in parts. One owner at a time.
public struct RunningSHA256: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let made = EVP_MD_CTX_new(), EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256")
        }
        context = made
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds what comes next.
    public mutating func update(_ bytes: [UInt8]) {
        let done = EVP_DigestUpdate(context, bytes, bytes.count)
        precondition(done == 1, "OpenSSL could not go on with SHA-256")
    }

    /// The 32 bytes for all that came.
    public consuming func finish() -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let done = EVP_DigestFinal_ex(context, &out, &length)
        precondition(done == 1 && length == 32, "OpenSSL could not end SHA-256")
        return out
    }
}

/// Lower-case hexadecimal.
public enum Hex {
    public static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// True when both are equal, in a time that does not tell where they differ.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

/// Bytes that nobody can guess, from the operating system's source.
public func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}
