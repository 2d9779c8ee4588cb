/// The phrase tables made ready for looking up, and how an entry is recognised in a sentence.
struct Phrases {
    struct Entry {
        var words: [String]
        var replacement: [String]
        /// The round from which it is edited; 0 for a phrase that stays.
        var level: Int
        var opensOnly = false
        var name: String { words.joined(separator: " ") }
    }

    struct Match {
        var entry: Entry
        /// The tokens of the phrase.
        var range: Range<Int>
    }

    static let all = Phrases()

    /// By first word, longest first.
    private let entries: [String: [Entry]]
    let count: Int

    private init() {
        var list = Self.read(PhraseTable.fillers, level: 1)
        list += Self.read(PhraseTable.wordy, level: 2)
        list += Self.read(PhraseTable.hedges, level: 3)
        count = list.count
        list += Self.read(PhraseTable.kept, level: 0)
        let quantities: [[String]] = [["most"], ["many"], ["several"], ["much"]]
        for entry in list where quantities.contains(where: { $0 == entry.replacement }) {
            for determiner in PhraseTable.determiners {
                list.append(
                    Entry(
                        words: entry.words + [determiner],
                        replacement: entry.replacement + ["of", determiner], level: entry.level))
            }
        }
        entries = Dictionary(grouping: list) { $0.words[0] }
            .mapValues { $0.sorted { $0.words.count > $1.words.count } }
    }

    private static func read(_ table: String, level: Int) -> [Entry] {
        table.lines.map { line in
            let sides = line.split(separator: "=", omittingEmptySubsequences: false)
            var words = sides[0].split(separator: " ").map(String.init)
            let opensOnly = words.first == "^"
            if opensOnly { words.removeFirst() }
            let replacement = sides.count > 1 ? sides[1].split(separator: " ").map(String.init) : []
            return Entry(
                words: words, replacement: replacement, level: level, opensOnly: opensOnly)
        }
    }

    /// The phrases of a sentence up to a level, in order and without overlap.
    func matches(in tokens: [Token], sentence: Range<Int>, upTo level: Int) -> [Match] {
        var found: [Match] = []
        var index = sentence.lowerBound
        var sawWord = false
        while index < sentence.upperBound {
            if let match = match(at: index, in: tokens, sentence: sentence, opening: !sawWord) {
                if match.entry.level > 0, match.entry.level <= level { found.append(match) }
                index = match.range.upperBound
                sawWord = true
                continue
            }
            sawWord = sawWord || tokens[index].words > 0
            index += 1
        }
        return found
    }

    private func match(
        at start: Int, in tokens: [Token], sentence: Range<Int>, opening: Bool
    ) -> Match? {
        guard tokens[start].isWord, let candidates = entries[tokens[start].key] else { return nil }
        for entry in candidates where opening || !entry.opensOnly {
            guard let end = end(of: entry, from: start, in: tokens, sentence: sentence) else {
                continue
            }
            let range = start..<end
            if entry.level == 0 || holds(entry, at: range, in: tokens, sentence: sentence) {
                return Match(entry: entry, range: range)
            }
        }
        return nil
    }

    private func end(
        of entry: Entry, from start: Int, in tokens: [Token], sentence: Range<Int>
    ) -> Int? {
        let length = entry.words.count * 2 - 1
        guard start + length <= sentence.upperBound else { return nil }
        let first = tokens[start].text.dropFirst().utf8
        guard !first.contains(where: Byte.isUpper) else { return nil }
        for offset in 1..<max(1, length) {
            let token = tokens[start + offset]
            if offset % 2 == 1 {
                guard token.isSpace, !token.isHardBreak else { return nil }
            } else {
                guard token.isWord, token.key == entry.words[offset / 2],
                    token.key == "i" || !token.text.startsUpper
                else { return nil }
            }
        }
        return start + length
    }

    private func holds(
        _ entry: Entry, at range: Range<Int>, in tokens: [Token], sentence: Range<Int>
    ) -> Bool {
        let before = tokens[sentence.lowerBound..<range.lowerBound].last { !$0.isSpace }
        let after = tokens[range.upperBound..<sentence.upperBound].first { !$0.isSpace }
        let name = entry.name
        if let before, before.isWord {
            if PhraseTable.notAfter[name]?.contains(before.key) ?? false { return false }
            // "Not very good" is not "not good".
            if before.key == "not" || before.key.hasSuffix("n't") || before.key == "never" {
                return entry.level == 2
            }
        }
        if let after, after.isWord, PhraseTable.notBefore[name]?.contains(after.key) ?? false {
            return false
        }
        return true
    }
}
