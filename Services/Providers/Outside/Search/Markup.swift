/// A page taken apart into tags and text: as much of HTML as a list of links needs.
///
/// It never fails: what is no tag is text. Scripts, styles and comments are left out.
struct MarkupReader {
    enum Token: Equatable {
        case open(String, [String: String])
        case close(String)
        case text(String)
    }

    private static let most = 64
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// nil at the end.
    mutating func next() -> Token? {
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "<") else { return text() }
            if matches("<!--") {
                skip(past: "-->")
                continue
            }
            guard at + 1 < bytes.count else { break }
            let sign = bytes[at + 1]
            if sign == UInt8(ascii: "!") || sign == UInt8(ascii: "?") {
                skip(past: ">")
            } else if sign == UInt8(ascii: "/") {
                at += 2
                let name = name()
                skip(past: ">")
                return .close(name)
            } else if Self.isLetter(sign) {
                at += 1
                return open()
            } else {
                at += 1
                return .text("<")
            }
        }
        return nil
    }

    private mutating func text() -> Token {
        let end = bytes[at...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        defer { at = end }
        return .text(Entities.decode(String(decoding: bytes[at..<end], as: UTF8.self)))
    }

    private mutating func open() -> Token {
        let name = name()
        var attributes: [String: String] = [:]
        while at < bytes.count, bytes[at] != UInt8(ascii: ">") {
            if Self.isSpace(bytes[at]) || bytes[at] == UInt8(ascii: "/") {
                at += 1
                continue
            }
            let (key, value) = attribute()
            if attributes.count < Self.most, attributes[key] == nil { attributes[key] = value }
        }
        at = min(at + 1, bytes.count)
        if name == "script" || name == "style" { skip(past: "</\(name)") }
        return .open(name, attributes)
    }

    private mutating func attribute() -> (String, String) {
        let start = at
        at += 1  // so that a stray sign is a name, and not for ever
        while at < bytes.count, !Self.isSpace(bytes[at]), !"=>/".utf8.contains(bytes[at]) {
            at += 1
        }
        let key = Self.lower(bytes[start..<at])
        while at < bytes.count, Self.isSpace(bytes[at]) { at += 1 }
        guard at < bytes.count, bytes[at] == UInt8(ascii: "=") else { return (key, "") }
        at += 1
        while at < bytes.count, Self.isSpace(bytes[at]) { at += 1 }
        guard at < bytes.count else { return (key, "") }
        let quote = bytes[at]
        let value: ArraySlice<UInt8>
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            at += 1
            let end = bytes[at...].firstIndex(of: quote) ?? bytes.count
            value = bytes[at..<end]
            at = min(end + 1, bytes.count)
        } else {
            let from = at
            while at < bytes.count, !Self.isSpace(bytes[at]), bytes[at] != UInt8(ascii: ">") {
                at += 1
            }
            value = bytes[from..<at]
        }
        return (key, Entities.decode(String(decoding: value, as: UTF8.self)))
    }

    private mutating func name() -> String {
        let start = at
        while at < bytes.count, Self.isLetter(bytes[at]) || (0x30...0x39).contains(bytes[at]) {
            at += 1
        }
        return Self.lower(bytes[start..<at])
    }

    private func matches(_ text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

    private mutating func skip(past end: String) {
        let sign = Array(end.utf8)
        while at < bytes.count {
            if bytes[at] == sign[0], bytes[at...].starts(with: sign) {
                at += sign.count
                return
            }
            at += 1
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    private static func lower(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self).lowercased()
    }
}

/// Character references in HTML: the numbered, and those named ones that pages of text use.
enum Entities {
    private static let named: [Substring: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ",
        "ndash": "–", "mdash": "—", "hellip": "…", "lsquo": "‘", "rsquo": "’", "ldquo": "“",
        "rdquo": "”", "laquo": "«", "raquo": "»", "middot": "·", "bull": "•", "copy": "©",
        "reg": "®", "trade": "™", "euro": "€", "times": "×", "deg": "°",
    ]

    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var out = ""
        var rest = Substring(text)
        while let sign = rest.firstIndex(of: "&") {
            out += rest[..<sign]
            rest = rest[sign...]
            let body = rest.dropFirst().prefix(10)
            if let end = body.firstIndex(of: ";"), let value = value(of: body[..<end]) {
                out += value
                rest = rest[body.index(after: end)...]
            } else {
                out += "&"
                rest = rest.dropFirst()
            }
        }
        return out + rest
    }

    private static func value(of name: Substring) -> String? {
        guard name.first == "#" else { return named[name] }
        let digits = name.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        let number = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let number, number >= 32, let scalar = Unicode.Scalar(number) else { return nil }
        return String(Character(scalar))
    }
}
