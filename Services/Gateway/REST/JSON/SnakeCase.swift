/// `maxRounds` as `max_rounds`: the rule of Foundation's `convertToSnakeCase`, on the bytes of names
/// that consist of ASCII.
enum SnakeCase {
    /// False, with nothing of use appended, for a name of other characters.
    static func append(_ name: String, to bytes: inout [UInt8]) -> Bool {
        var name = name
        return name.withUTF8 { append($0, to: &bytes) }
    }

    /// Whether a name consists of ASCII that needs no escape.
    static func isPlain(_ name: String) -> Bool { name.utf8.allSatisfy(isPlain) }

    private static func append(
        _ name: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]
    ) -> Bool {
        guard name.allSatisfy(isPlain) else { return false }
        guard let first = name.first else { return true }
        bytes.append(lower(first))
        var at = 1
        while at < name.count {
            guard isUpper(name[at]) else {
                bytes.append(name[at])
                at += 1
                continue
            }
            bytes.append(UInt8(ascii: "_"))
            // Capitals up to the next small letter are one word, but the last of them begins the
            // next one.
            guard let small = name[(at + 1)...].firstIndex(where: isLower) else {
                for byte in name[at...] { bytes.append(lower(byte)) }
                return true
            }
            if small > at + 1 {
                for byte in name[at..<(small - 1)] { bytes.append(lower(byte)) }
                bytes.append(UInt8(ascii: "_"))
            }
            bytes.append(lower(name[small - 1]))
            bytes.append(name[small])
            at = small + 1
        }
        return true
    }

    private static func isUpper(_ byte: UInt8) -> Bool { byte >= 65 && byte <= 90 }
    private static func isLower(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 }
    private static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 32 : byte }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 32 && byte < 127 && byte != 34 && byte != 92
    }
}
