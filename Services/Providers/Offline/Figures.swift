/// What can be counted in a document, all of it over the prose alone.
struct Figures {
    struct Sentence {
        var text: String
        var words: Int
        var canSplit = false
    }

    private(set) var words = 0
    private(set) var sentences = 0
    private(set) var syllables = 0
    private(set) var paragraphs = 0
    private(set) var longSentences: [Sentence] = []
    private(set) var longest: Sentence?
    /// A phrase of the tables and the sentence it is in, at most `kept` of them.
    private(set) var phrases: [(phrase: Phrases.Entry, sentence: String)] = []
    private(set) var fillers = 0
    private(set) var wordy = 0
    private(set) var hedges = 0
    private(set) var passives: [String] = []
    private(set) var passiveCount = 0
    private(set) var slips: [String] = []
    private(set) var slipCount = 0
    private(set) var longParagraphs = 0
    private(set) var headings: [(level: Int, text: String)] = []

    /// Examples kept of each kind; a critique names no more.
    private static let kept = 12
    private static let longParagraph = 150

    init(of document: String) {
        for block in BlockReader.blocks(of: document) {
            switch block.kind {
            case .heading(let level):
                headings.append((level, String(block.source.drop { $0 == "#" }).trimmed))
            case .paragraph, .item: take(block)
            case .blank, .verbatim: break
            }
        }
    }

    var meanSentence: Double { ratio(words, sentences) }
    var phraseCount: Int { fillers + wordy + hedges }
    func per100(_ count: Int) -> Double { 100 * ratio(count, words) }

    /// Flesch's reading ease: near 0 is hard, 60 plain, 100 easy.
    var readingEase: Double {
        guard words > 0 else { return 0 }
        return 206.835 - 1.015 * meanSentence - 84.6 * ratio(syllables, words)
    }

    /// Levels that are passed over, as from a second to a fourth.
    var skippedLevels: Int {
        zip(headings, headings.dropFirst()).count { $1.level > $0.level + 1 }
    }

    private func ratio(_ count: Int, _ total: Int) -> Double {
        total == 0 ? 0 : Double(count) / Double(total)
    }

    private mutating func take(_ block: Block) {
        let raw = Tokenizer.tokens(of: block.text)
        let hygiene = Hygiene(raw)
        if hygiene.slips > 0 {
            slipCount += hygiene.slips
            if slips.count < Self.kept, let sample = Self.firstDifference(raw, hygiene.tokens) {
                slips.append(sample)
            }
        }
        let tokens = hygiene.tokens
        let size = tokens.wordCount
        guard size > 0 else { return }
        paragraphs += 1
        words += size
        if size > Self.longParagraph { longParagraphs += 1 }
        for range in Sentences.ranges(in: tokens) { take(range, of: tokens) }
    }

    private mutating func take(_ range: Range<Int>, of tokens: [Token]) {
        let slice = Array(tokens[range])
        let size = slice.wordCount
        guard size > 0 else { return }
        sentences += 1
        for token in slice where token.words > 0 {
            syllables += token.isWord ? Syllables.count(in: token.key) : token.words
        }
        let text = { Self.plain(slice) }
        if size > longest?.words ?? 0 { longest = Sentence(text: text(), words: size) }
        if size > Splitter.longest {
            let canSplit = Splitter.canSplit(slice)
            longSentences.append(Sentence(text: text(), words: size, canSplit: canSplit))
        }
        for match in Phrases.all.matches(in: tokens, sentence: range, upTo: 3) {
            switch match.entry.level {
            case 1: fillers += 1
            case 2: wordy += 1
            default: hedges += 1
            }
            if phrases.count < Self.kept { phrases.append((match.entry, text())) }
        }
        let passive = Self.passives(in: slice)
        passiveCount += passive
        if passive > 0, passives.count < Self.kept { passives.append(text()) }
    }

    /// A form of "to be" and a participle, with at most one word between.
    private static func passives(in sentence: [Token]) -> Int {
        let keys = sentence.lazy.filter(\.isWord).map(\.key)
        var count = 0
        var distance = 9
        for key in keys {
            if Verbs.being.contains(key) {
                distance = 0
            } else {
                distance += 1
                if distance <= 2, Verbs.isParticiple(key) {
                    count += 1
                    distance = 9
                }
            }
        }
        return count
    }

    /// A sentence on one line.
    private static func plain(_ tokens: [Token]) -> String {
        tokens.map { $0.isSpace ? " " : $0.text }.joined().trimmed
    }

    /// Some words around the first place where a text was mended.
    private static func firstDifference(_ old: [Token], _ new: [Token]) -> String? {
        let same = zip(old, new).prefix { $0 == $1 }.count
        let start = max(0, same - 8)
        return plain(Array(old[start..<min(old.count, same + 8)]))
    }
}

/// Counts syllables by groups of vowels, which is right for about nine English words in ten.
enum Syllables {
    static func count(in word: String) -> Int {
        let letters = Array(word.utf8.filter { Byte.isLetter($0) })
        guard letters.count > 3 else { return 1 }
        var count = 0
        var wasVowel = false
        for letter in letters {
            let vowel = Byte.isVowel(letter) || letter == UInt8(ascii: "y")
            if vowel, !wasVowel { count += 1 }
            wasVowel = vowel
        }
        // A silent ending: "note", "notes", "asked", but not "table" nor "wanted".
        let end = String(decoding: letters.suffix(3), as: UTF8.self)
        let before = letters[letters.count - 3]
        let silentE =
            end.hasSuffix("e") && !end.hasSuffix("le")
            && !Byte.isVowel(end.utf8.dropFirst().first ?? 0)
        let silentEd =
            end.hasSuffix("ed") && before != UInt8(ascii: "t") && before != UInt8(ascii: "d")
        let silentEs = end.hasSuffix("es") && !"sxzhcg".utf8.contains(before)
        if silentE || silentEd && !Byte.isVowel(before) || silentEs && !Byte.isVowel(before) {
            count -= 1
        }
        return max(1, count)
    }
}
