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
        before = tokens.map { token in
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
            if next == "is", last == "why" {
                return Cut(end: end, start: first + 1, opening: [Token(.word, "That")])
            }
            guard next == "means" else { return nil }
            return Cut(end: end, start: first + 1, opening: [Token(.word, "This")])
        case "and":
            let then = tokens[first + 2].key == "then" && first + 4 < tokens.count
            guard isSubject(at: then ? first + 4 : first + 2)
                || comma && isCondition(at: first + 2)
            else { return nil }
            return Cut(end: end, start: first + 2)
        case "but", "so":
            let article = comma && !scan.sawNot && articles.contains(tokens[first + 2].key)
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

/// The little grammar that cutting and measuring need.
enum Verbs {
    /// A word that is surely or very likely a finite verb.
    static func isFinite(_ token: Token) -> Bool {
        guard token.isWord else { return false }
        let key = token.key
        if finite.contains(key) || key.hasSuffix("n't") || key.hasSuffix("'s") && key.count < 6 {
            return true
        }
        return key.hasSuffix("ed") && key.utf8.count > 4
    }

    static let being: Set<String> = [
        "is", "are", "was", "were", "be", "been", "being", "get", "gets", "got",
    ]

    static func isParticiple(_ key: String) -> Bool {
        if participles.contains(key) { return true }
        return key.hasSuffix("ed") && key.utf8.count > 4 && !adjectives.contains(key)
    }

    /// Words that begin a clause which is no sentence by itself.
    static let conditions: Set<String> = [
        "if", "when", "while", "whenever", "once", "unless", "until", "after", "before", "since",
        "as", "where", "although", "though", "whether", "both", "between", "either", "neither",
        "because", "even",
    ]

    private static let finite: Set<String> = [
        "is", "are", "was", "were", "am", "has", "have", "had", "can", "will", "should", "must",
        "may", "might", "could", "would", "shall", "does", "do", "did", "need", "needs", "mean",
        "means", "goes", "go", "went", "got", "get", "gets", "take", "takes", "took", "makes",
        "make", "made", "works", "work", "becomes", "became", "know", "knows", "knew", "want",
        "wants", "think", "thinks", "thought", "see", "sees", "saw", "keep", "keeps", "kept",
        "use", "uses", "say", "says", "said", "write", "writes", "wrote", "happens", "helps",
        "comes", "came", "gives", "gave", "found", "finds", "left", "lost", "costs", "runs", "ran",
    ]
    private static let participles: Set<String> = [
        "written", "made", "done", "given", "taken", "seen", "found", "kept", "sent", "held",
        "known", "shown", "built", "lost", "left", "read", "run", "set", "put", "told", "brought",
        "thought", "understood", "chosen", "broken", "driven", "begun", "drawn", "led", "paid",
        "sold", "spent", "felt", "said", "meant", "met", "won", "forgotten", "hidden", "thrown",
    ]
    private static let adjectives: Set<String> = [
        "needed", "interested", "tired", "based", "used", "supposed", "allowed", "indeed",
        "limited", "detailed", "complicated", "related", "involved", "concerned", "speed", "hundred",
    ]
}
