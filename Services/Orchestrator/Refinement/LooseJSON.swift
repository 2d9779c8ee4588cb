/// A JSON value as models write it.
enum LooseJSON {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([LooseJSON])
    case object([(key: String, value: LooseJSON)])

    /// The first member whose key is this one, ignoring case and punctuation.
    subscript(_ key: String) -> LooseJSON? {
        guard case .object(let members) = self else { return nil }
        let folded = key.folded
        return members.first { $0.key.folded == folded }?.value
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// Reads a value; nil when the text does not begin with one, or goes on after it.
    ///
    /// Lenient where models err: trailing commas, comments, single quotes, bare line ends in
    /// strings, keys without quotes, a plus sign, and an end that was cut off.
    static func parse(_ text: String) -> LooseJSON? {
        var parser = LooseJSONParser(bytes: Array(text.utf8))
        guard let value = parser.value(depth: 0) else { return nil }
        parser.skipBlanks()
        return parser.isAtEnd ? value : nil
    }

    /// The object or list that the text begins with, whatever stands after it.
    static func beginning(of text: String) -> LooseJSON? {
        var parser = LooseJSONParser(bytes: Array(text.utf8))
        guard let value = parser.value(depth: 0) else { return nil }
        switch value {
        case .object, .array: return value
        case .null, .bool, .number, .string: return nil
        }
    }

    /// The characters that a string's escapes stand for; nil when an escape is none of JSON's.
    static func unescaped(_ text: some StringProtocol) -> String? {
        var parser = LooseJSONParser(bytes: Array(text.utf8))
        return parser.characters(until: nil, strict: true)
    }
}

struct LooseJSONParser {
    private let bytes: [UInt8]
    private var at = 0

    /// Values inside each other beyond this are not read.
    private static let deepest = 32

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at >= bytes.count }
    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func skipBlanks() {
        while let byte = next {
            if Byte.isSpace(byte) {
                at += 1
            } else if byte == UInt8(ascii: "/"), at + 1 < bytes.count,
                bytes[at + 1] == UInt8(ascii: "/")
            {
                while let byte = next, byte != Byte.newline { at += 1 }
            } else {
                return
            }
        }
    }

    mutating func value(depth: Int) -> LooseJSON? {
        skipBlanks()
        guard depth < Self.deepest, let byte = next else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            at += 1
            return characters(until: byte, strict: false).map(LooseJSON.string)
        default: return bare()
        }
    }

    private mutating func object(depth: Int) -> LooseJSON? {
        at += 1
        var members: [(key: String, value: LooseJSON)] = []
        while true {
            skipBlanks()
            guard let byte = next else { return .object(members) }
            if byte == UInt8(ascii: "}") {
                at += 1
                return .object(members)
            }
            if byte == UInt8(ascii: ",") {
                at += 1
                continue
            }
            guard let key = key() else { return nil }
            skipBlanks()
            guard next == UInt8(ascii: ":") else { return isAtEnd ? .object(members) : nil }
            at += 1
            guard let value = value(depth: depth + 1) else {
                return isAtEnd ? .object(members) : nil
            }
            members.append((key, value))
        }
    }

    private mutating func array(depth: Int) -> LooseJSON? {
        at += 1
        var values: [LooseJSON] = []
        while true {
            skipBlanks()
            guard let byte = next else { return .array(values) }
            if byte == UInt8(ascii: "]") {
                at += 1
                return .array(values)
            }
            if byte == UInt8(ascii: ",") {
                at += 1
                continue
            }
            guard let value = value(depth: depth + 1) else { return isAtEnd ? .array(values) : nil }
            values.append(value)
        }
    }

    private mutating func key() -> String? {
        guard let byte = next else { return nil }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            at += 1
            return characters(until: byte, strict: false)
        }
        let start = at
        while let byte = next, Byte.isWord(byte) || byte == UInt8(ascii: "_") { at += 1 }
        return at > start ? Byte.string(bytes[start..<at]) : nil
    }

    /// A number, possibly a fraction such as `8/10` or a percentage, or a word.
    private mutating func bare() -> LooseJSON? {
        let start = at
        while let byte = next, Byte.isWord(byte) || "+-./%".utf8.contains(byte) {
            at += 1
        }
        guard at > start else { return nil }
        let text = Byte.string(bytes[start..<at])
        switch text.lowered {
        case "null", "none", "nan": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        let plain = text.hasPrefix("+") ? String(text.dropFirst()) : text
        if let number = Double(plain), number.isFinite { return .number(number) }
        return Byte.isDigit(bytes[start]) ? .string(text) : nil
    }

    /// A string's characters up to its closing quote, or to the end. When strict, a bare quote or
    /// an unknown escape ends it with nil.
    mutating func characters(until quote: UInt8?, strict: Bool) -> String? {
        var out: [UInt8] = []
        while let byte = next {
            at += 1
            if byte == quote { return Byte.string(out) }
            if strict, byte == UInt8(ascii: "\"") { return nil }
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                continue
            }
            guard let escape = next else { return strict ? nil : Byte.string(out) }
            at += 1
            switch escape {
            case UInt8(ascii: "n"): out.append(Byte.newline)
            case UInt8(ascii: "t"): out.append(9)
            case UInt8(ascii: "r"): out.append(13)
            case UInt8(ascii: "b"): out.append(8)
            case UInt8(ascii: "f"): out.append(12)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(escape)
            case UInt8(ascii: "u"):
                guard let scalar = scalar() else {
                    if strict { return nil }
                    out += "\\u".utf8
                    continue
                }
                out += String(Character(scalar)).utf8
            default:
                if strict { return nil }
                out += [UInt8(ascii: "\\"), escape]
            }
        }
        return Byte.string(out)
    }

    /// The scalar of the four digits after `\u`, and of a second escape where it takes two.
    private mutating func scalar() -> Unicode.Scalar? {
        guard let high = digits() else { return nil }
        guard (0xD800...0xDBFF).contains(high) else { return Unicode.Scalar(high) }
        guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
            bytes[at + 1] == UInt8(ascii: "u")
        else { return nil }
        at += 2
        guard let low = digits(), (0xDC00...0xDFFF).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }

    private mutating func digits() -> UInt32? {
        guard at + 4 <= bytes.count else { return nil }
        let text = Byte.string(bytes[at..<at + 4])
        guard !text.hasPrefix("+"), !text.hasPrefix("-"), let value = UInt32(text, radix: 16) else {
            return nil
        }
        at += 4
        return value
    }
}
