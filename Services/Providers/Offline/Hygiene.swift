/// Slips of the hand: doubled words, blanks and marks, blanks before marks, "a" for "an".
struct Hygiene {
    private(set) var tokens: [Token]
    /// How many slips were mended.
    private(set) var slips = 0

    init(_ tokens: [Token]) {
        self.tokens = tokens
        marks()
        blanks()
        doubledWords()
        articles()
    }

    /// Doubled marks become one; an ellipsis, and marks that Markdown reads, stay.
    private mutating func marks() {
        var out: [Token] = []
        out.reserveCapacity(tokens.count)
        var index = 0
        while index < tokens.count {
            let token = tokens[index]
            guard token.kind == .mark, ",.!?;:".contains(token.text) else {
                out.append(token)
                index += 1
                continue
            }
            var end = index
            while end < tokens.count, tokens[end] == token { end += 1 }
            let count = end - index
            let kept = token.text == "." ? (count < 3 ? 1 : 3) : token.text == ":" ? count : 1
            if kept != count { slips += 1 }
            out += Array(repeating: token, count: kept)
            index = end
        }
        tokens = out
    }

    private mutating func blanks() {
        var out: [Token] = []
        out.reserveCapacity(tokens.count)
        for (index, token) in tokens.enumerated() {
            guard token.isSpace else {
                out.append(token)
                continue
            }
            let next = index + 1 < tokens.count ? tokens[index + 1] : nil
            let after = index + 2 < tokens.count ? tokens[index + 2] : nil
            if let next, next.kind == .mark, ",.;:!?".contains(next.text), !token.breaksLine,
                after?.isSpace ?? true, out.last?.words ?? 0 > 0 || out.last?.isMark(")") ?? false
            {
                slips += 1
                continue
            }
            let mended = Self.mended(token, atStart: index == 0, atEnd: next == nil)
            if mended != token.text { slips += 1 }
            if !mended.isEmpty { out.append(Token(.space, mended)) }
        }
        tokens = out
    }

    private static func mended(_ token: Token, atStart: Bool, atEnd: Bool) -> String {
        if atEnd { return "" }
        guard token.breaksLine else {
            return atStart || token.text.utf8.contains(Byte.tab) ? token.text : " "
        }
        guard !token.isHardBreak else { return token.text }
        return Byte.string(token.text.utf8.drop { $0 == Byte.space })
    }

    private mutating func doubledWords() {
        var out: [Token] = []
        out.reserveCapacity(tokens.count)
        for token in tokens {
            if token.isWord, out.count >= 2, out[out.count - 1].isSpace,
                !out[out.count - 1].isHardBreak, out[out.count - 2].isWord,
                out[out.count - 2].key == token.key, Self.isSlip(token)
            {
                slips += 1
                // The blank before the second word goes with it; the one after it stays.
                out.removeLast()
                continue
            }
            out.append(token)
        }
        tokens = out
    }

    private static func isSlip(_ token: Token) -> Bool {
        !token.startsUpper && !rightTwice.contains(token.key)
            && !token.key.utf8.contains(where: Byte.isDigit)
    }

    private mutating func articles() {
        for index in tokens.indices where index + 2 < tokens.count {
            let key = tokens[index].key
            guard key == "a" || key == "an", tokens[index + 1].isSpace, tokens[index + 2].isWord,
                let vowel = Article.soundsVowel(tokens[index + 2])
            else { continue }
            // A lone capital that is a name: "plan A is".
            let text = tokens[index].text
            if text == "A", index > 0, tokens[index - 1].isSpace, index > 1,
                tokens[index - 2].isWord
            {
                continue
            }
            if index > 0, !tokens[index - 1].isSpace, !tokens[index - 1].isMark("*"),
                !tokens[index - 1].isMark("("), !tokens[index - 1].isMark("_")
            {
                continue
            }
            let right = vowel ? "an" : "a"
            guard key != right else { continue }
            slips += 1
            tokens[index] = Token(.word, text.startsUpper ? right.capitalizedFirst : right)
        }
    }

    /// Words that stand twice in a row rightly.
    private static let rightTwice: Set<String> = [
        "had", "that", "blah", "ha", "bye", "knock", "tut", "now", "no", "yes", "there", "long",
        "many", "so", "again", "far", "much", "do", "her", "more", "over", "well", "who", "you",
        "can",
    ]
}

/// Which of "a" and "an" a word takes.
enum Article {
    /// Nil where the sound is not known: abbreviations, digits, and words before which "a" is no
    /// article.
    static func soundsVowel(_ token: Token) -> Bool? {
        let key = token.key
        guard let first = key.utf8.first, Byte.isLetter(first), key.utf8.count > 1,
            !token.text.dropFirst().utf8.contains(where: Byte.isUpper),
            !key.utf8.contains(where: Byte.isDigit), !notNouns.contains(key)
        else { return nil }
        if silent.contains(where: key.hasPrefix) { return true }
        if sounded.contains(where: key.hasPrefix), !unlikely.contains(where: key.hasPrefix) {
            return false
        }
        return Byte.isVowel(first)
    }

    private static let silent = ["hour", "honest", "honor", "honour", "heir"]
    private static let sounded = [
        "uni", "use", "usa", "usi", "usu", "uti", "uto", "ura", "ubi", "eu", "ewe", "one-", "once",
        "ufo", "uku",
    ]
    /// Begin like the words above, and take "an" all the same.
    private static let unlikely = ["unin", "unim", "unid", "unil"]
    private static let notNouns: Set<String> = [
        "is", "and", "or", "are", "in", "of", "as", "at", "if", "on", "it", "to", "was", "has",
        "but", "for", "the", "with", "from", "into", "an", "one", "via", "vs", "by", "be", "may",
        "herb", "also",
    ]
}
