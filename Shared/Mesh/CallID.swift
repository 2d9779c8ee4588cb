import Synchronization

/// Names for calls, unique enough to find one in the logs.
public enum CallID {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let mask: UInt64 = 1 << 55 - 1
    private static let next = Atomic(UInt64.random(in: .min ... .max))

    /// Short enough for a string without memory of its own, and without a word to the kernel: a
    /// counter that begins anywhere, scattered one to one.
    public static func make() -> String {
        var number = next.wrappingAdd(1, ordering: .relaxed).newValue & mask
        number = number &* 0x9E37_79B9_7F4A_7C15 & mask
        number ^= number >> 28
        number = number &* 0xBF58_476D_1CE4_E5B9 & mask
        number ^= number >> 27
        return String(unsafeUninitializedCapacity: 15) { text in
            _ = text.initialize(fromContentsOf: "req_".utf8)
            for place in 4..<15 {
                text[place] = digits[Int(number & 31)]
                number >>= 5
            }
            return 15
        }
    }
}
