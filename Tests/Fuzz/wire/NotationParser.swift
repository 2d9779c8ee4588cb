/// Reads diagnostic notation back, as far as `Diagnostic` writes it. Integer keys, undefined and
/// other simple values, which an open value does not have, become text that says so.
struct NotationParser {
    private let text: [UInt8]
    private var at = 0

    init(_ text: String) { self.text = [UInt8](text.utf8) }

    /// The one value of the text, or nil where it is no notation.
    mutating func document() -> WireValue? {
        guard let value = value(), at == text.count else { return nil }
        return value
    }

    private var next: UInt8 { at < text.count ? text[at] : 0 }

    private mutating func take(_ word: String) -> Bool {
        guard text[at...].starts(with: word.utf8) else { return false }
        at += word.utf8.count
        return true
    }

    private mutating func value() -> WireValue? {
        switch next {
        case UInt8(ascii: "["): list()
        case UInt8(ascii: "{"): map()
        case UInt8(ascii: "\""): quoted().map(WireValue.text)
        case UInt8(ascii: "h"): bytes()
        default: word()
        }
    }

    private mutating func list() -> WireValue? {
        at += 1
        var values: [WireValue] = []
        while !take("]") {
            guard values.isEmpty || take(", "), let value = value() else { return nil }
            values.append(value)
        }
        return .array(values)
    }

    private mutating func map() -> WireValue? {
        at += 1
        var entries: [WireValue.Entry] = []
        while !take("}") {
            guard entries.isEmpty || take(", "), let key = value(), take(": "), let value = value()
            else { return nil }
            if case .text(let name) = key {
                entries.append(.init(key: name, value: value))
            } else {
                entries.append(.init(key: "number \(entries.count)", value: value))
            }
        }
        return .map(entries)
    }

    private mutating func quoted() -> String? {
        at += 1
        var content: [UInt8] = []
        while at < text.count, next != UInt8(ascii: "\"") {
            guard take("\\") else {
                content.append(next)
                at += 1
                continue
            }
            let mark = next
            at += 1
            switch mark {
            case UInt8(ascii: "n"): content.append(10)
            case UInt8(ascii: "r"): content.append(13)
            case UInt8(ascii: "t"): content.append(9)
            case UInt8(ascii: "u"):
                guard at + 4 <= text.count,
                    let code = UInt8(
                        String(decoding: text[at..<at + 4], as: UTF8.self), radix: 16)
                else { return nil }
                content.append(code)
                at += 4
            default: content.append(mark)
            }
        }
        return take("\"") ? String(decoding: content, as: UTF8.self) : nil
    }

    private mutating func bytes() -> WireValue? {
        guard take("h'") else { return nil }
        var content: [UInt8] = []
        while !take("'") {
            guard at + 2 <= text.count,
                let byte = UInt8(String(decoding: text[at..<at + 2], as: UTF8.self), radix: 16)
            else { return nil }
            content.append(byte)
            at += 2
        }
        return .bytes(content)
    }

    /// A number, a tag in front of a value, or a name.
    private mutating func word() -> WireValue? {
        let ends = Set(",]}):(".utf8)
        let start = at
        while at < text.count, !ends.contains(next) { at += 1 }
        let word = String(decoding: text[start..<at], as: UTF8.self)
        if take("(") {
            guard let value = value(), take(")") else { return nil }
            guard let tag = UInt64(word) else { return .text(word) }
            return .tagged(tag, value)
        }
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "undefined": return .text(word)
        case "NaN": return .double(.nan)
        case "Infinity": return .double(.infinity)
        case "-Infinity": return .double(-.infinity)
        default: break
        }
        if let value = Int64(word) { return .integer(value) }
        if let value = UInt64(word) { return .unsigned(value) }
        if word.utf8.contains(UInt8(ascii: ".")) { return Double(word).map(WireValue.double) }
        // Below the least integer of 64 bits.
        return word.hasPrefix("-") ? .text(word) : nil
    }
}
