/// Tags that models put around thoughts and documents, and their parting words.
extension CleanText {
    private static let thoughts = ["think", "thinking", "thought", "reasoning", "analysis"]
    private static let tags = [
        "document", "output", "revised_document", "revised", "revision", "result", "text",
        "content",
        "answer", "final", "final_document", "final_text", "draft", "article", "response",
    ]

    /// What follows a thought that was said aloud.
    static func afterThought(_ text: String) -> String? {
        let start = text.drop(while: \.isWhitespace)
        for tag in thoughts {
            guard let end = text.firstRange(of: "</\(tag)>") else { continue }
            // Some servers leave out where the thought began; the document then says so nowhere else.
            let isOpened = start.hasPrefix("<\(tag)>")
            let isLone = !text.contains("<\(tag)") && isAlone(end, in: text)
            guard isOpened || isLone else { continue }
            let rest = text[end.upperBound...].drop { $0 == " " || $0.isNewline }
            if !rest.isEmpty { return String(rest) }
        }
        return nil
    }

    /// Whether nothing else stands on the line.
    private static func isAlone(_ range: Range<String.Index>, in text: String) -> Bool {
        let after = text[range.upperBound...].prefix { !$0.isNewline }
        let before = text[..<range.lowerBound].reversed().prefix { !$0.isNewline }
        return after.allSatisfy(\.isWhitespace) && before.allSatisfy(\.isWhitespace)
    }

    /// What stands between a pair of tags around the whole, but for a closing remark.
    static func tagged(_ text: String) -> String? {
        let start = text.drop(while: \.isWhitespace)
        guard start.first == "<" else { return nil }
        for tag in tags where start.hasPrefix("<\(tag)>") {
            let closing = "</\(tag)>"
            guard let end = start.ranges(of: closing).last else { continue }
            let after = start[end.upperBound...].split(
                separator: "\n", omittingEmptySubsequences: false)
            guard isRemark(after[...]) else { continue }
            return String(unpadded(start[..<end.lowerBound].dropFirst(tag.utf8.count + 2)))
        }
        return nil
    }

    /// Without the line end behind the opening tag, and without the mark of literal text.
    private static func unpadded(_ inner: Substring) -> Substring {
        var inner = inner
        let trimmed = inner.trimmed
        if trimmed.hasPrefix("<![CDATA["), trimmed.hasSuffix("]]>"),
            let first = inner.firstRange(of: "<![CDATA["), let last = inner.ranges(of: "]]>").last
        {
            inner = inner[first.upperBound..<last.lowerBound]
        }
        return inner.first?.isNewline == true ? inner.dropFirst() : inner
    }

    private static let farewells = [
        "let me know", "please let me know", "i hope this", "i hope that", "feel free to",
        "would you like me", "if you'd like", "if you would like", "is there anything",
        "i'm happy to",
        "happy to",
    ]

    /// The text without a last paragraph to the reader, and the rule above it.
    static func beforeFarewell(_ text: String) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let end = lines.lastIndex(where: { !$0.trimmed.isEmpty }) else { return nil }
        let gap = lines[..<end].lastIndex { $0.trimmed.isEmpty } ?? 0
        let words = lines[gap...end].joined(separator: "\n").trimmed.lowered
            .replacing("\u{2019}", with: "'")
        guard gap > 0, words.utf8.count < 600, farewells.contains(where: words.hasPrefix) else {
            return nil
        }
        var rest = lines[..<gap]
        while let line = rest.last, line.trimmed.isEmpty || isRule(line) { rest.removeLast() }
        return rest.isEmpty ? nil : rest.joined(separator: "\n") + "\n"
    }
}
