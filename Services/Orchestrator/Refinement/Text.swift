/// What the readers of this module need to know of single bytes; all of it is about ASCII.
enum Byte {
    static let newline = UInt8(ascii: "\n")

    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
    static func isUpper(_ byte: UInt8) -> Bool { byte >= 65 && byte <= 90 }
    static func isLetter(_ byte: UInt8) -> Bool { isUpper(byte) || (byte >= 97 && byte <= 122) }
    static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte >= 0x80 }

    static func string(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension StringProtocol {
    /// Without the blanks at both ends.
    var trimmed: String {
        let bytes = Array(utf8)
        guard let start = bytes.firstIndex(where: { !Byte.isSpace($0) }),
            let end = bytes.lastIndex(where: { !Byte.isSpace($0) })
        else { return "" }
        return Byte.string(bytes[start...end])
    }

    /// For comparing names: ASCII capitals made small, and only letters and digits kept.
    var folded: String {
        let kept = utf8.filter(Byte.isWord).map { Byte.isUpper($0) ? $0 | 0x20 : $0 }
        return kept.isEmpty ? String(self) : Byte.string(kept)
    }

    /// With ASCII capitals made small.
    var lowered: String { Byte.string(utf8.map { Byte.isUpper($0) ? $0 | 0x20 : $0 }) }

    /// On one line, without the signs that delimiters are made of.
    var oneLine: String {
        let plain = utf8.filter { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
        return plain.split(whereSeparator: { $0 < 0x20 || $0 == 32 }).map(Byte.string)
            .joined(separator: " ")
    }

    /// The lines without their ends.
    var lineList: [String] {
        utf8.split(separator: Byte.newline, omittingEmptySubsequences: false).map { line in
            Byte.string(line.last == 13 ? line.dropLast() : line)
        }
    }
}
