/// Replaces or takes out the phrases of a sentence, and mends commas, blanks and capitals around.
enum PhraseEdits {
    /// The sentence after its edits.
    static func apply(to tokens: [Token], sentence: Range<Int>, upTo level: Int) -> [Token] {
        let matches = Phrases.all.matches(in: tokens, sentence: sentence, upTo: level)
        var words = tokens[sentence].reduce(0) { $0 + $1.words }
        var out: [Token] = []
        var index = sentence.lowerBound
        for match in matches {
            // An edit before this one may have taken the comma or blank that stood here.
            out += tokens[min(index, match.range.lowerBound)..<match.range.lowerBound]
            index = max(index, match.range.upperBound)
            let phrase = tokens[match.range]
            if !match.entry.replacement.isEmpty {
                out += replacement(of: phrase, by: match.entry.replacement)
                if match.entry.replacement.count == 1, index < sentence.upperBound,
                    tokens[index].isSpace, let breaking = phrase.first(where: \.breaksLine)
                {
                    out.append(tokens[index].breaksLine ? tokens[index] : breaking)
                    index += 1
                }
                continue
            }
            let left = words - match.entry.words.count
            let rest = tokens[index..<sentence.upperBound]
            guard left >= 3, let skip = remove(before: &out, after: rest, phrase: phrase) else {
                out += phrase
                continue
            }
            words = left
            index += skip
            if phrase.first?.startsUpper ?? false, index < sentence.upperBound {
                out.append(tokens[index].capitalized)
                index += 1
            }
        }
        return out + tokens[min(index, sentence.upperBound)..<sentence.upperBound]
    }

    private static func replacement(
        of phrase: ArraySlice<Token>, by words: [String]
    ) -> [Token] {
        var out: [Token] = []
        // A line break inside the phrase moves to the first blank there is.
        let breaking = phrase.first { $0.breaksLine }
        for (offset, word) in words.enumerated() {
            if offset == 1, let breaking { out.append(breaking) }
            if offset > 1 || offset == 1 && breaking == nil { out.append(.space) }
            let capital = offset == 0 && (phrase.first?.startsUpper ?? false)
            out.append(Token(.word, capital ? word.capitalizedFirst : word))
        }
        return out
    }

    /// How many of the tokens after a phrase go with it, or nil where taking it out is not safe.
    /// Takes from `before` what must go there.
    private static func remove(
        before: inout [Token], after: ArraySlice<Token>, phrase: ArraySlice<Token>
    ) -> Int? {
        let at = after.startIndex
        let next = after.first
        let previous = before.last { !$0.isSpace }
        // Between signs of emphasis or brackets nothing would be left.
        if let last = before.last, !last.isSpace { return nil }
        let comma = next?.isMark(",") ?? false
        let start = previous == nil || phrase.first?.startsUpper ?? false
        if start {
            var skip = 0
            if comma { skip += 1 }
            guard at + skip < after.endIndex, after[at + skip].isSpace else { return nil }
            skip += 1
            guard at + skip < after.endIndex, after[at + skip].words > 0 else { return nil }
            return skip
        }
        let ends = next.map { $0.kind == .mark && ".!?;:)".contains($0.text) } ?? true
        let afterComma = previous?.isMark(",") ?? false
        if ends || comma {
            if afterComma || !comma {
                dropBlank(&before)
                if afterComma { before.removeLast() }
                return comma ? 1 : 0
            }
            let joins = previous.map { conjunctions.contains($0.key) } ?? false
            guard joins, at + 1 < after.endIndex, after[at + 1].isSpace else {
                dropBlank(&before)
                return 0
            }
            return 2
        }
        guard let next, next.isSpace, at + 1 < after.endIndex,
            after[at + 1].kind != .mark || after[at + 1].isMark("*") || after[at + 1].isMark("[")
        else { return nil }
        // Of the two blanks around the phrase, one that breaks the line stays.
        if next.breaksLine, before.last?.breaksLine == false {
            dropBlank(&before)
            return 0
        }
        return 1
    }

    private static func dropBlank(_ tokens: inout [Token]) {
        if tokens.last?.isSpace ?? false { tokens.removeLast() }
    }

    private static let conjunctions: Set<String> = [
        "and", "but", "so", "that", "because", "which", "or", "as", "then",
    ]
}
