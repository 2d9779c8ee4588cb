/// A piece of running text. The tokens of a text, joined, are the text exactly.
struct Token: Equatable {
    enum Kind {
        /// A word of letters, maybe with digits, hyphens and apostrophes.
        case word
        /// A run of blanks and line ends.
        case space
        /// A single mark: punctuation, or a sign of emphasis.
        case mark
        /// Code, an address, a path, a number with signs, an image: never touched.
        case kept
        /// A quotation in the line: never touched either, but it can end a sentence.
        case quote
    }

    var kind: Kind
    var text: String
    /// Of a word: in small letters, with a straight apostrophe. Else empty.
    var key = ""

    init(_ kind: Kind, _ text: String) {
        (self.kind, self.text) = (kind, text)
        guard kind == .word else { return }
        key = text.asciiLowercased
        guard text.utf8.contains(0xE2) else { return }
        key = String(key.map { $0 == "\u{2019}" ? "'" : $0 })
    }

    var isWord: Bool { kind == .word }
    var isSpace: Bool { kind == .space }
    var breaksLine: Bool { kind == .space && text.utf8.contains(Byte.newline) }
    /// Two blanks at a line's end, which Markdown shows as a line break.
    var isHardBreak: Bool { breaksLine && (text.hasPrefix("  ") || text.hasPrefix("\t")) }

    func isMark(_ mark: String) -> Bool { kind == .mark && text == mark }

    /// How many words a reader counts.
    var words: Int {
        switch kind {
        case .word: 1
        case .space, .mark: 0
        case .kept: text.hasPrefix("](") || text.hasPrefix("<") || text.hasPrefix("\\") ? 0 : 1
        case .quote: text.utf8.split(whereSeparator: Byte.isSpace).count
        }
    }

    /// With a capital at its start, if it is a plain word; a name with capitals of its own stays.
    var capitalized: Token {
        guard isWord, !text.dropFirst().utf8.contains(where: Byte.isUpper) else { return self }
        return Token(.word, text.capitalizedFirst)
    }

    var startsUpper: Bool { text.startsUpper }

    static let space = Token(.space, " ")
}

extension [Token] {
    var joinedText: String { reduce(into: "") { $0 += $1.text } }
    var wordCount: Int { reduce(0) { $0 + $1.words } }
}
