import Wire

/// How values become bytes in the journal. One place, so that another encoding is one change.
enum Codec {
    /// Canonical, for the digest of an input must not depend on the order of a dictionary.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        try WireEncoder.canonical(value)
    }

    static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try WireDecoder.decode(type, from: bytes)
    }

    /// FNV-1a, 64 bits: notices a changed input, does not resist a forger.
    static func digest(_ bytes: [UInt8]) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}

extension Duration {
    /// Rounded up, so that a timer is never early; a century at most, so that no sum overflows.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit: Int64 = 100 * 366 * 86_400
        guard seconds < limit else { return limit * 1_000 }
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
