/// One line of a Markdown text, with what can be told from the line alone.
struct Line {
    /// Without its end.
    let body: String
    /// The line end: empty on the last line, else `\n` or `\r\n`.
    let end: String
    /// The body without its indent and the blanks after it.
    let content: String
    /// Columns before the content; a tab counts four.
    let indent: Int

    init(body: String, end: String) {
        (self.body, self.end) = (body, end)
        content = body.trimmed
        indent = body.utf8.prefix { $0 == Byte.space || $0 == Byte.tab }
            .reduce(0) { $0 + ($1 == Byte.tab ? 4 : 1) }
    }

    static func all(in text: String) -> [Line] {
        var lines: [Line] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let stop = bytes[start...].firstIndex(of: Byte.newline)
            let next = stop.map { bytes.index(after: $0) } ?? bytes.endIndex
            var last = stop ?? bytes.endIndex
            if stop != nil, last > start, bytes[bytes.index(before: last)] == 13 {
                last = bytes.index(before: last)
            }
            lines.append(
                Line(body: Byte.string(bytes[start..<last]), end: Byte.string(bytes[last..<next])))
            start = next
        }
        return lines
    }

    var source: String { body + end }
    var isBlank: Bool { content.isEmpty }

    /// The character and length of an opening code fence.
    var fence: (character: Character, length: Int)? {
        guard let first = content.first, first == "`" || first == "~" else { return nil }
        let length = content.prefix { $0 == first }.count
        guard length >= 3, first == "~" || !content.dropFirst(length).contains("`") else {
            return nil
        }
        return (first, length)
    }

    func closes(_ fence: (character: Character, length: Int)) -> Bool {
        content.count >= fence.length && content.allSatisfy { $0 == fence.character }
    }

    var headingLevel: Int? {
        guard indent < 4, content.utf8.first == UInt8(ascii: "#") else { return nil }
        let level = content.utf8.prefix { $0 == UInt8(ascii: "#") }.count
        guard level <= 6 else { return nil }
        let rest = content.utf8.dropFirst(level)
        return rest.isEmpty || Byte.isSpace(rest.first ?? 0) ? level : nil
    }

    /// The level that this line makes of the paragraph before it: `===` one, `---` two.
    var underlineLevel: Int? {
        guard indent < 4, let first = content.first, first == "=" || first == "-" else {
            return nil
        }
        return content.allSatisfy { $0 == first } ? (first == "=" ? 1 : 2) : nil
    }

    /// A thematic break.
    var isRule: Bool {
        let marks = content.filter { $0 != " " }
        guard marks.count >= 3, let first = marks.first, "-*_".contains(first) else { return false }
        return marks.allSatisfy { $0 == first }
    }

    /// A link or footnote definition.
    var isDefinition: Bool { content.utf8.first == UInt8(ascii: "[") && content.contains("]:") }

    /// A line that begins a quotation, a table, HTML or a directive, which go on to a blank line.
    var opensVerbatim: Bool {
        let bytes = content.utf8
        switch bytes.first {
        case UInt8(ascii: ">"), UInt8(ascii: "|"): return true
        case UInt8(ascii: ":"): return true
        case UInt8(ascii: "<"):
            let second = bytes.dropFirst().first ?? 0
            let tag = Byte.isLetter(second) || second == UInt8(ascii: "/")
            return (tag || second == UInt8(ascii: "!")) && !content.hasPrefix("<http")
        default: return false
        }
    }

    /// The row of dashes below a table's head.
    var isTableRule: Bool {
        content.contains("|") && content.contains("-")
            && content.utf8.allSatisfy { "|-: ".utf8.contains($0) }
    }

    /// The length of a list item's lead: indent, marker, blanks, check box.
    var listMarker: Int? {
        let bytes = Array(body.utf8)
        var index = bytes.firstIndex { $0 != Byte.space && $0 != Byte.tab } ?? bytes.count
        guard index < bytes.count else { return nil }
        if "-*+".utf8.contains(bytes[index]) {
            index += 1
        } else {
            let digits = bytes[index...].prefix(10).prefix(while: Byte.isDigit).count
            guard digits > 0, digits < 10, index + digits < bytes.count else { return nil }
            index += digits
            guard bytes[index] == UInt8(ascii: ".") || bytes[index] == UInt8(ascii: ")") else {
                return nil
            }
            index += 1
        }
        guard index == bytes.count || Byte.isSpace(bytes[index]) else { return nil }
        while index < bytes.count, Byte.isSpace(bytes[index]) { index += 1 }
        if index + 3 < bytes.count, bytes[index] == UInt8(ascii: "["),
            bytes[index + 2] == UInt8(ascii: "]"), bytes[index + 3] == Byte.space
        {
            index += 4
        }
        return index
    }
}
