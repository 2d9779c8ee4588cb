/// Makes a provider's words fit for a log and a user.
enum Words {
    static let limit = 500
    /// What the keys of known providers begin with.
    private static let keys = ["sk-", "sk_", "gsk_", "xai-", "AIza", "pk-", "rk-", "hf_", "r8_"]

    /// One line, bounded, and without what looks like a key.
    static func clean(_ text: String) -> String {
        var clean = ""
        var run = ""
        // More than is kept is read, so that a key that is cut off is seen to be one.
        for scalar in text.unicodeScalars.prefix(4 * limit) {
            if isOfKey(scalar) {
                run.unicodeScalars.append(scalar)
                continue
            }
            clean += masked(run)
            run = ""
            if isBlank(scalar) {
                if !clean.isEmpty, clean.utf8.last != 0x20 { clean += " " }
            } else {
                clean.unicodeScalars.append(scalar)
            }
        }
        clean += masked(run)
        return String(String.UnicodeScalarView(clean.unicodeScalars.prefix(limit)))
    }

    private static func masked(_ run: String) -> String {
        run.utf8.count >= 8 && keys.contains { run.hasPrefix($0) } ? "[key]" : run
    }

    /// Providers write stars or points in place of a key's middle.
    private static func isOfKey(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", "*", ".": true
        default: false
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.isWhitespace
    }

    static func replace(_ secret: String, in text: String) -> String {
        var rest = Array(text.utf8)[...]
        let secret = Array(secret.utf8)
        var kept: [UInt8] = []
        while let byte = rest.first {
            if rest.starts(with: secret) {
                kept += Array("[key]".utf8)
                rest = rest.dropFirst(secret.count)
            } else {
                kept.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
