/// What the rules need to know of single bytes. All of them are about ASCII; a byte of a longer
/// character counts as a letter.
enum Byte {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == space || byte == newline || byte == tab || byte == 13
    }

    static func isUpper(_ byte: UInt8) -> Bool { byte >= 65 && byte <= 90 }
    static func isLower(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 }
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
    static func isLetter(_ byte: UInt8) -> Bool { isUpper(byte) || isLower(byte) }
    static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte >= 0x80 }

    static func isVowel(_ byte: UInt8) -> Bool {
        switch byte | 0x20 {
        case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"),
            UInt8(ascii: "u"):
            true
        default: false
        }
    }

    static func string(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// The text with ASCII capitals made small; other letters stay, which the tables do not have.
    var asciiLowercased: String {
        guard utf8.contains(where: Byte.isUpper) else { return self }
        return Byte.string(utf8.map { Byte.isUpper($0) ? $0 | 0x20 : $0 })
    }

    /// The text with its first letter made a capital, where that is an ASCII letter.
    var capitalizedFirst: String {
        guard let first = utf8.first, Byte.isLower(first) else { return self }
        return Byte.string([first & 0xDF]) + String(dropFirst())
    }

    var startsUpper: Bool { utf8.first.map(Byte.isUpper) ?? false }

    /// Without the blanks at both ends.
    var trimmed: String {
        let bytes = Array(utf8)
        guard let start = bytes.firstIndex(where: { !Byte.isSpace($0) }),
            let end = bytes.lastIndex(where: { !Byte.isSpace($0) })
        else { return "" }
        return Byte.string(bytes[start...end])
    }

    /// The lines without their ends.
    var lines: [String] {
        utf8.split(separator: Byte.newline, omittingEmptySubsequences: false).map { line in
            Byte.string(line.last == 13 ? line.dropLast() : line)
        }
    }
}
