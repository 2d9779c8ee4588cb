/// Other people's words where only plain ones may stand: in a line of an e-mail's head, in HTML.
enum PlainText {
    /// One line: whatever would end it, or is not seen, is a blank; blanks beside each other are one.
    static func line(_ text: String, atMost limit: Int) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            let isBlank = isHidden(scalar) || scalar.properties.isWhitespace
            if !isBlank {
                out.unicodeScalars.append(scalar)
            } else if !out.isEmpty, out.unicodeScalars.last != " " {
                out.unicodeScalars.append(" ")
            }
        }
        if out.unicodeScalars.last == " " { out.unicodeScalars.removeLast() }
        return cut(out, atMost: limit)
    }

    /// Several lines, without what is not seen.
    static func lines(_ text: String, atMost limit: Int) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if scalar == "\n" || scalar == "\t" || !isHidden(scalar) {
                out.unicodeScalars.append(scalar)
            }
        }
        return cut(out, atMost: limit)
    }

    /// For an element's content as for an attribute between double quotes.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// Characters, and bytes four times as many: one character may have any number of them.
    private static func cut(_ text: String, atMost limit: Int) -> String {
        guard text.count > limit || text.utf8.count > limit * 4 else { return text }
        var out = ""
        for character in text.prefix(max(limit - 1, 0)) {
            guard out.utf8.count + character.utf8.count <= limit * 4 - 3 else { break }
            out.append(character)
        }
        return out + "…"
    }

    /// Controls, and what turns the direction of what follows.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<32, 127..<160, 0x2028, 0x2029: true
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
