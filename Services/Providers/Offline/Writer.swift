/// The writer's turn: mechanical edits to the prose of a document, more of them in later rounds.
///
/// Round one mends slips and takes out fillers, round two shortens phrases and cuts long sentences,
/// round three takes hedges and ends paragraphs. A sentence that a critique quotes is edited one
/// round ahead, so a note takes effect at once.
struct Writer {
    private let level: Int
    private let named: Set<String>

    /// Passes over a paragraph within one turn; each edit can make room for another.
    private static let passes = 6

    init(round: Int, critiques: [String]) {
        level = min(max(round, 1), 4)
        named = Set(critiques.flatMap(Quotes.keys))
    }

    /// The document after the edits, with everything that is no prose as it was.
    func revise(_ document: String) -> String {
        var out = ""
        out.reserveCapacity(document.utf8.count)
        let blocks = BlockReader.blocks(of: document)
        for (index, block) in blocks.enumerated() {
            switch block.kind {
            case .blank: out += block.tail
            case .verbatim, .heading: out += block.source
            case .paragraph, .item:
                let next = blocks[(index + 1)...].first { !$0.source.trimmed.isEmpty }
                out += block.lead + revised(block, next: next) + block.tail
            }
        }
        return out
    }

    private func revised(_ block: Block, next: Block?) -> String {
        var text = block.text
        for _ in 0..<Self.passes {
            let edited = pass(text)
            if edited == text { break }
            text = edited
        }
        // What is left may begin with a sign that makes it a table or a list: then nothing is done.
        if text != block.text, Self.shape(block.lead + text) != Self.shape(block.lead + block.text)
        {
            return block.text
        }
        guard level >= 3, case .paragraph = block.kind, Self.lacksStop(text) else { return text }
        // A line that leads in to a list, a table or code ends as its writer meant it.
        if let next, !block.tail.isEmpty {
            if case .item = next.kind { return text }
            if case .verbatim = next.kind { return text }
        }
        return text + "."
    }

    /// What Markdown makes of a text: for each part whether it is prose, and its lead.
    private static func shape(_ text: String) -> [String?] {
        BlockReader.blocks(of: text).map { $0.isProse ? $0.lead : nil }
    }

    private func pass(_ text: String) -> String {
        let tokens = Hygiene(Tokenizer.tokens(of: text)).tokens
        var out: [Token] = []
        out.reserveCapacity(tokens.count)
        for range in Sentences.ranges(in: tokens) {
            let ahead = !named.isEmpty && Quotes.key(of: tokens[range]).map(named.contains) ?? false
            let level = self.level + (ahead ? 1 : 0)
            let edited = PhraseEdits.apply(to: tokens, sentence: range, upTo: level)
            out += level >= 2 ? Splitter.split(edited) : edited
        }
        return Hygiene(Self.withSafeLines(out, before: tokens)).tokens.joinedText
    }

    /// A line of a paragraph must not come to begin with what Markdown reads as structure.
    private static func withSafeLines(_ tokens: [Token], before: [Token]) -> [Token] {
        var tokens = tokens
        let starts = Set(zip(before, before.dropFirst()).lazy.filter(\.0.breaksLine).map(\.1.text))
        for index in tokens.indices where tokens[index].breaksLine && index + 1 < tokens.count {
            let next = tokens[index + 1]
            let first = next.text.utf8.first ?? 0
            let risky =
                next.kind == .mark || Byte.isDigit(first) || "<|-+*#>=~:".utf8.contains(first)
            if risky, !starts.contains(next.text), !next.isMark("*"), !next.isMark("["),
                !next.isMark("(")
            {
                tokens[index] = .space
            }
        }
        return tokens
    }

    /// Whether a paragraph is a sentence, by its look, and ends without a mark.
    private static func lacksStop(_ text: String) -> Bool {
        let tokens = Tokenizer.tokens(of: text)
        guard let last = tokens.last, let first = tokens.first, first.startsUpper else {
            return false
        }
        let code = last.kind == .kept && (last.text.hasPrefix("`") || last.text.hasPrefix("]("))
        guard last.isWord || code || last.isMark(")") else { return false }
        return tokens.wordCount >= 5 && tokens.contains(where: Verbs.isFinite)
    }
}

/// The sentences that a critique quotes, known by their first words.
enum Quotes {
    private static let length = 5

    /// Keys of all quotations in a critique.
    static func keys(in critique: String) -> [String] {
        var keys: [String] = []
        for (open, close) in [("\u{201C}", "\u{201D}"), ("\"", "\"")] {
            let parts = critique.split(separator: open, omittingEmptySubsequences: false)
            // Between straight quotes every other part is a quotation.
            let step = open == close ? 2 : 1
            for index in stride(from: 1, to: parts.count, by: step) {
                let quoted = parts[index].prefix { String($0) != close }
                if let key = key(of: Tokenizer.tokens(of: String(quoted.prefix(200)))[...]) {
                    keys.append(key)
                }
            }
        }
        return keys
    }

    /// Nil for what has too few words to tell it from others.
    static func key(of tokens: ArraySlice<Token>) -> String? {
        let words = tokens.lazy.filter(\.isWord).prefix(length).map(\.key)
        return words.count < length ? nil : words.joined(separator: " ")
    }
}
