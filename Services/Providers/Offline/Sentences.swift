/// Where the sentences of a paragraph lie among its tokens.
enum Sentences {
    /// Ranges that follow each other without a gap; the blank between two belongs to the first.
    static func ranges(in tokens: [Token]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        var index = 0
        while index < tokens.count {
            guard let end = boundary(at: index, in: tokens) else {
                index += 1
                continue
            }
            ranges.append(start..<end)
            (start, index) = (end, end)
        }
        if start < tokens.count { ranges.append(start..<tokens.count) }
        return ranges
    }

    /// The index after a sentence's end and its blank, when the sentence ends at this token.
    private static func boundary(at index: Int, in tokens: [Token]) -> Int? {
        guard ends(tokens, at: index) else { return nil }
        var next = index + 1
        while next < tokens.count, tokens[next].kind == .mark, closers.contains(tokens[next].text) {
            next += 1
        }
        guard next < tokens.count, tokens[next].isSpace else { return nil }
        next += 1
        var first = next
        while first < tokens.count, tokens[first].kind == .mark,
            openers.contains(tokens[first].text)
        {
            first += 1
        }
        guard first < tokens.count else { return next }
        switch tokens[first].kind {
        case .word:
            let begin = tokens[first].text.utf8.first ?? 0
            return Byte.isLower(begin) ? nil : next
        case .kept, .quote: return next
        case .mark, .space: return nil
        }
    }

    private static func ends(_ tokens: [Token], at index: Int) -> Bool {
        let token = tokens[index]
        if token.kind == .quote {
            let last = token.text.unicodeScalars.dropLast().last
            return last == "." || last == "!" || last == "?"
        }
        if token.isMark("!") || token.isMark("?") { return true }
        guard token.isMark("."), index > 0 else { return false }
        let before = tokens[index - 1]
        switch before.kind {
        case .word:
            let initial = before.text.utf8.count == 1 && before.startsUpper && before.text != "I"
            return !initial && !abbreviations.contains(before.key)
        case .kept: return !abbreviations.contains(before.text.asciiLowercased)
        case .mark: return !before.isMark(".") || index < 3 || !tokens[index - 2].isMark(".")
        case .space, .quote: return true
        }
    }

    private static let abbreviations: Set<String> = [
        "e.g", "i.e", "mr", "mrs", "ms", "dr", "prof", "st", "vs", "cf", "fig", "approx",
        "al", "inc", "ltd", "jr", "sr", "dept", "est", "resp", "incl", "u.s", "u.k", "a.m", "p.m",
    ]
    private static let closers: Set<String> = [")", "*", "_", "\"", "\u{201D}", "\u{2019}", "~"]
    private static let openers: Set<String> = ["(", "*", "_", "\"", "\u{201C}", "[", "\u{2018}"]
}
