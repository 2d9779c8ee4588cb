/// Names of calls, as providers allow them.
enum WireID {
    /// The same name always gives the same, and different ones different ones: what does not fit is
    /// replaced, and told apart by a digest (FNV-1a).
    static func fitted(_ id: String, longest: Int) -> String {
        let fits = id.utf8.allSatisfy(isPlain) && !id.isEmpty
        if fits, id.utf8.count <= longest { return id }
        let plain = id.utf8.map { isPlain($0) ? $0 : 0x5F }.prefix(longest - 18)
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(decoding: plain, as: UTF8.self) + "_" + String(digest, radix: 16)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }

    /// A name for a call that its provider gave none, new in the conversation where `reply` is.
    static func made(_ reply: String, _ number: Int) -> String {
        fitted("call_\(reply)_\(number)", longest: 40)
    }
}
