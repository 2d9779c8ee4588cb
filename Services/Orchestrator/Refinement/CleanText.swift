/// Takes the document out of whatever a model wrapped it in.
public enum CleanText {
    /// The document's text; text that is not wrapped comes back byte for byte.
    public static func clean(_ answer: String) -> String {
        var text = answer
        var (sawFence, sawPreamble) = (false, false)
        // A wrapping in a wrapping, as JSON in a fence after a preamble, takes one pass each.
        for _ in 0..<deepest {
            if let inner = afterThought(text) ?? delimited(text) ?? tagged(text) ?? object(text)
                ?? escaped(text)
            {
                text = inner
            } else if !sawFence, let inner = fenced(text) {
                // A second fence inside the first is the document's own, but for one around JSON.
                sawFence = !inner.trimmed.hasPrefix("{")
                text = inner
            } else if let inner = afterPreamble(text) {
                text = inner
                sawPreamble = true
            } else {
                break
            }
        }
        // Only who began with words to the reader ends with some: a letter may end so by itself.
        return sawPreamble ? beforeFarewell(text) ?? text : text
    }

    private static let deepest = 5

    // MARK: Our own delimiters

    /// What stands between the lines that a prompt puts around a document.
    private static func delimited(_ text: String) -> String? {
        guard Search.contains("<<<DOCUMENT ", in: text) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (start, line) in lines.enumerated() {
            guard let mark = mark(of: line) else { continue }
            let closing = "<<<END DOCUMENT \(mark)>>>"
            let rest = lines[(start + 1)...]
            guard let end = rest.firstIndex(where: { $0.trimmed == closing }) else { continue }
            return lines[(start + 1)..<end].joined(separator: "\n")
        }
        return nil
    }

    private static func mark(of line: Substring) -> String? {
        let line = line.trimmed
        guard line.hasPrefix("<<<DOCUMENT "), line.hasSuffix(">>>") else { return nil }
        let mark = line.dropFirst(12).dropLast(3)
        let isMark = mark.utf8.count == 8 && mark.allSatisfy(\.isHexDigit)
        return isMark ? String(mark) : nil
    }

    // MARK: JSON

    private static let keys = [
        "output", "document", "text", "content", "result", "revised_document", "revised_text",
        "final_document", "revision",
    ]

    private static func object(_ text: String) -> String? {
        let body = text.trimmed
        guard body.hasPrefix("{"), let value = LooseJSON.parse(body) else { return nil }
        return document(in: value, depth: 0)
    }

    private static func document(in value: LooseJSON, depth: Int) -> String? {
        guard depth < 3 else { return nil }
        for key in keys {
            guard let inner = value[key] else { continue }
            if let text = inner.text { return text }
            if let text = document(in: inner, depth: depth + 1) { return text }
        }
        return nil
    }

    // MARK: Escapes

    /// The text of a JSON string, with its quotes or without.
    private static func escaped(_ text: String) -> String? {
        let body = text.trimmed
        guard !body.utf8.contains(Byte.newline), body.utf8.contains(UInt8(ascii: "\\")) else {
            return nil
        }
        if body.count > 2, body.hasPrefix("\""), body.hasSuffix("\"") {
            return LooseJSON.unescaped(body.dropFirst().dropLast())
        }
        // Without quotes it must look like several lines, or it may be a sentence about escapes.
        guard Search.contains("\\n\\n", in: body) || newlines(body) >= 3,
            !Search.contains("`\\n`", in: body)
        else { return nil }
        return LooseJSON.unescaped(body)
    }

    private static func newlines(_ text: String) -> Int {
        let bytes = text.utf8
        return zip(bytes, bytes.dropFirst()).count {
            $0 == UInt8(ascii: "\\") && $1 == UInt8(ascii: "n")
        }
    }

    // MARK: Code fences

    private static let wrappers: Set<String> = ["", "markdown", "md", "text", "txt", "plaintext"]

    /// What stands in a code fence around the whole, but for a closing remark.
    private static func fenced(_ text: String) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { !$0.trimmed.isEmpty }),
            let open = Fence(lines[start]),
            let last = lines.lastIndex(where: { open.isClosed(by: $0) }), last > start
        else { return nil }
        let inner = lines[(start + 1)..<last]
        guard isRemark(lines[(last + 1)...]) else { return nil }
        let body = inner.joined(separator: "\n")
        if open.info == "json" || open.info == "json5" {
            return body.trimmed.hasPrefix("{") && object(body) != nil ? body : nil
        }
        guard wrappers.contains(open.info), encloses(inner, open) else { return nil }
        return body + "\n"
    }

    /// Whether the first fence reaches to the last line, and is not the first of several.
    private static func encloses(_ lines: ArraySlice<Substring>, _ open: Fence) -> Bool {
        var inside = false
        var bare = 0
        for line in lines {
            guard let fence = Fence(line), fence.mark == open.mark, fence.length >= open.length
            else { continue }
            if inside, fence.info.isEmpty {
                inside = false
            } else if !inside, !fence.info.isEmpty {
                inside = true
            } else if fence.info.isEmpty {
                bare += 1
            }
        }
        // Bare fences in pairs are code in a document that says it is Markdown; else they close.
        let saysMarkdown = open.info == "markdown" || open.info == "md"
        return !inside && (bare == 0 || saysMarkdown && bare % 2 == 0)
    }

    private static let remarks = [
        "let me know", "i hope", "feel free", "would you like", "if you", "note:", "**note",
        "changes made", "**changes", "this revision", "this version", "i've", "i have",
    ]

    /// Nothing, or a few words to the reader after the document.
    static func isRemark(_ lines: ArraySlice<Substring>) -> Bool {
        let text = lines.joined(separator: "\n").trimmed
        return text.isEmpty
            || text.utf8.count < 1000 && remarks.contains(where: text.lowered.hasPrefix)
    }

    // MARK: Preamble

    private static let openings = [
        "here is", "here's", "here\u{2019}s", "here are", "sure", "certainly", "of course",
        "below is", "the following is", "i've", "i have", "okay", "ok,", "absolutely",
        "revised document", "final document", "updated document", "the revised", "the final",
    ]
    private static let subjects = [
        "document", "version", "draft", "text", "revision", "revised", "rewrite", "rewritten",
        "edited", "improved", "updated", "article", "output", "json",
    ]

    /// What follows a line such as "Here is the revised document:".
    private static func afterPreamble(_ text: String) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { !$0.trimmed.isEmpty }) else { return nil }
        let line = lines[start].trimmed.filter { $0 != "*" }.lowered
        guard line.utf8.count <= 160, openings.contains(where: line.hasPrefix),
            subjects.contains(where: { Search.contains($0, in: line) })
        else { return nil }
        var rest = lines[(start + 1)...].drop { $0.trimmed.isEmpty }
        let isRuled =
            rest.first.map(isRule) == true && rest.dropFirst().first?.trimmed.isEmpty == true
        // Without a colon something else must show that the document begins here.
        let begins = isRuled || rest.first.map { $0.hasPrefix("#") || Fence($0) != nil } == true
        guard line.hasSuffix(":") || begins && (line.hasSuffix(".") || line.hasSuffix("!")) else {
            return nil
        }
        // A rule above an empty line parts; one above a name and a colon begins front matter.
        if isRuled { rest = rest.dropFirst().drop { $0.trimmed.isEmpty } }
        return rest.isEmpty ? nil : rest.joined(separator: "\n")
    }

    static func isRule(_ line: Substring) -> Bool { ["---", "***", "___"].contains(line.trimmed) }
}

/// A line of three or more backticks or tildes.
private struct Fence {
    let mark: Character
    let length: Int
    let info: String

    init?(_ line: Substring) {
        let content = line.trimmed
        guard let first = content.first, first == "`" || first == "~" else { return nil }
        length = content.prefix { $0 == first }.count
        info = content.dropFirst(length).trimmed.lowered
        mark = first
        guard length >= 3, !info.contains("`") else { return nil }
    }

    func isClosed(by line: Substring) -> Bool {
        guard let fence = Fence(line) else { return false }
        return fence.mark == mark && fence.length >= length && fence.info.isEmpty
    }
}
