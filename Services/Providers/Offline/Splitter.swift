/// Cuts an overlong sentence where a second main clause begins, when that is plain to see.
struct Splitter {
    /// Sentences of more words than this are long.
    static let longest = 30
    /// A part after a cut has at least this many words.
    private static let shortest = 6

    private var tokens: [Token]
    /// Words before each token.
    private let before: [Int]

    /// The sentence, in as many sentences as safe places allow.
    static func split(_ sentence: [Token]) -> [Token] {
        // Each cut leaves two shorter parts, so the work list empties.
        var work = [sentence]
        var done: [Token] = []
        while let next = work.popLast() {
            if let (left, right) = Splitter(next).halves() {
                work.append(right)
                work.append(left)
            } else {
                done += next
            }
        }
        return done
    }

    /// Whether there is a safe place in a long sentence.
    static func canSplit(_ sentence: [Token]) -> Bool { Splitter(sentence).halves() != nil }

    private init(_ tokens: [Token]) {
        self.tokens = tokens
        var sum = 0
        before =
            tokens.map { token in
                defer { sum += token.words }
                return sum
            } + [tokens.wordCount]
    }

    private struct Cut {
        /// The left part ends before this token and gets a full stop.
        var end: Int
        /// The right part begins here.
        var start: Int
        /// What stands for the first words of the right part, if not they themselves.
        var opening: [Token] = []
    }

    private func halves() -> (left: [Token], right: [Token])? {
        let total = before[tokens.count]
        guard total > Self.longest, tokens.last(where: { !$0.isSpace })?.isMark("?") == false
        else { return nil }
        var best: (cut: Cut, distance: Int)?
        var scan = Scan()
        for index in tokens.indices {
            if scan.isOpen == false, before[index] >= Self.shortest,
                total - before[index] >= Self.shortest, let cut = cut(at: index, scan: scan),
                total - before[cut.start] >= Self.shortest - 1
            {
                let distance = abs(total - 2 * before[index])
                if best.map({ distance < $0.distance }) ?? true { best = (cut, distance) }
            }
            scan.take(tokens[index], words: before[index])
        }
        guard let cut = best?.cut else { return nil }
        let stop = [Token(.mark, "."), tokens[cut.end...cut.start].first { $0.isSpace } ?? .space]
        var right = cut.opening + tokens[cut.start...]
        right[0] = right[0].capitalized
        return (tokens[..<cut.end] + stop, right)
    }

    private func cut(at index: Int, scan: Scan) -> Cut? {
        let token = tokens[index]
        if token.isMark(";") {
            guard index + 2 < tokens.count, tokens[index + 1].isSpace, tokens[index + 2].isWord,
                !scan.sawColon, scan.sawVerb, hasVerb(from: index + 2, within: 10)
            else { return nil }
            return Cut(end: index, start: index + 2)
        }
        let comma = token.isMark(",")
        guard comma || token.isSpace else { return nil }
        let first = comma ? index + 2 : index + 1
        guard first + 2 < tokens.count, tokens[first - 1].isSpace, tokens[first].isWord,
            tokens[first + 1].isSpace, scan.allowsCut(at: before[index], comma: comma)
        else { return nil }
        if !comma, index == 0 || tokens[index - 1].kind == .mark { return nil }
        return clause(at: first, end: index, comma: comma, scan: scan)
    }

    /// A cut before the clause whose first word is at `first`.
    private func clause(at first: Int, end: Int, comma: Bool, scan: Scan) -> Cut? {
        switch tokens[first].key {
        case "which" where comma:
            let next = tokens[first + 2].key
            let last = first + 4 < tokens.count ? tokens[first + 4].key : ""
            if next == "is", ["why", "exactly", "what", "how"].contains(last) {
                return Cut(end: end, start: first + 1, opening: [Token(.word, "That")])
            }
            guard next == "means" else { return nil }
            return Cut(end: end, start: first + 1, opening: [Token(.word, "This")])
        case "and":
            let then = tokens[first + 2].key == "then" && first + 4 < tokens.count
            guard
                isSubject(at: then ? first + 4 : first + 2)
                    || comma && (isCondition(at: first + 2) || isClause(at: first + 2))
            else { return nil }
            return Cut(end: end, start: first + 2)
        case "but", "so":
            let article = comma && !scan.sawNot && articles.contains(tokens[first + 2].key)
            if tokens[first + 2].key == "that", tokens[first].key == "so" { return nil }
            guard isSubject(at: first + 2) || article && hasVerb(from: first + 4, within: 6) else {
                return nil
            }
            return Cut(end: end, start: first)
        default: return nil
        }
    }

    /// A pronoun that can only be a subject, or one that is followed by a verb.
    private func isSubject(at index: Int) -> Bool {
        guard index + 2 < tokens.count, tokens[index + 1].isSpace else { return false }
        let key = tokens[index].key
        if ["we", "they", "he", "she", "i"].contains(key) { return tokens[index + 2].words > 0 }
        guard ["it", "you", "this", "there", "that"].contains(key) else { return false }
        return Verbs.isFinite(tokens[index + 2])
    }

    /// "If the disk is full, the job stops": a condition that its own main clause follows.
    private func isCondition(at index: Int) -> Bool {
        guard ["if", "when", "once"].contains(tokens[index].key) else { return false }
        let rest = tokens[index...]
        guard let comma = rest.firstIndex(where: { $0.isMark(",") }) else { return false }
        return before[comma] - before[index] >= 3 && hasVerb(from: comma + 1, within: 8)
    }

    /// "The author is": a short subject and a verb that can be nothing else, so no item of a list.
    private func isClause(at index: Int) -> Bool {
        guard articles.contains(tokens[index].key) else { return false }
        for token in tokens[(index + 1)...].lazy.filter({ !$0.isSpace }).prefix(7) {
            guard token.words > 0, !Verbs.relatives.contains(token.key) else { return false }
            if Verbs.auxiliaries.contains(token.key) { return true }
        }
        return false
    }

    private func hasVerb(from index: Int, within count: Int) -> Bool {
        guard index < tokens.count else { return false }
        return tokens[index...].lazy.filter(\.isWord).prefix(count).contains(where: Verbs.isFinite)
    }

    private let articles: Set<String> = [
        "the", "a", "an", "our", "your", "their", "its", "his", "her", "this", "these", "those",
        "each", "every", "most", "some", "nobody", "somebody", "everyone", "people",
    ]
}

/// What is known of a sentence from its start to a place in it.
private struct Scan {
    private(set) var sawColon = false
    private(set) var sawVerb = false
    private(set) var sawNot = false
    private var depth = 0
    private var stars = 0
    private var opensWithCondition = false
    private var commas = 0
    private var conditionInSegment = false
    private var segmentOpensWithCondition = false
    private var segmentStart = 0
    private var segmentVerb = false

    /// Inside brackets, a link's text or emphasis nothing is cut.
    var isOpen: Bool { depth > 0 || stars % 2 == 1 }

    /// Whether a main clause lies before this place, not a condition that waits for one.
    func allowsCut(at words: Int, comma: Bool) -> Bool {
        guard sawVerb, !segmentOpensWithCondition else { return false }
        if opensWithCondition, commas == 0 || words - segmentStart < 3 { return false }
        return comma || !conditionInSegment && segmentVerb
    }

    mutating func take(_ token: Token, words: Int) {
        switch token.kind {
        case .space, .quote: return
        case .kept:
            if token.text.hasPrefix("](") { depth = max(0, depth - 1) }
        case .mark: mark(token.text, words: words)
        case .word:
            if Verbs.isFinite(token) { (sawVerb, segmentVerb) = (true, true) }
            if token.key == "not" || token.key.hasSuffix("n't") { sawNot = true }
            guard Verbs.conditions.contains(token.key) else { return }
            conditionInSegment = true
            if words == 0 { opensWithCondition = true }
            if words == segmentStart, words > 0 { segmentOpensWithCondition = true }
        }
    }

    private mutating func mark(_ text: String, words: Int) {
        switch text {
        case "(", "[": depth += 1
        case ")", "]": depth = max(0, depth - 1)
        case "*", "_": stars += 1
        case ":": sawColon = true
        case ",", ";":
            commas += 1
            segmentStart = words
            (conditionInSegment, segmentOpensWithCondition, segmentVerb) = (false, false, false)
        default: return
        }
    }
}
