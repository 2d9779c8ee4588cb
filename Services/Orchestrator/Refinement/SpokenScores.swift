/// Reads scores from running text: "Score: 8/10", "an 8.5 out of 10", "**Overall:** 85%".
struct SpokenScores {
    /// A number in a line, with the scale that its text names.
    struct Number {
        var value: Double
        /// What it is out of, if that is said.
        var limit: Double?
        /// Where it stands among the line's bytes.
        var range: Range<Int>
    }

    private let lines: [[UInt8]]
    private let criteria: [Criterion]

    init(_ text: String, criteria: [Criterion]) {
        lines = text.lowered.utf8
            .split(separator: Byte.newline, omittingEmptySubsequences: true)
            // A line longer than any sentence is no verdict; its end is enough.
            .map { Array($0.suffix(2000)) }
        self.criteria = criteria
    }

    func reading() -> ScoreReading? {
        var best: (rank: Int, score: Double)?
        var scores: [String: Double] = [:]
        for line in lines {
            for number in Self.numbers(in: line) {
                guard let score = ScoreScale.normal(number.value, limit: number.limit) else {
                    continue
                }
                let before = Self.clause(before: number, in: line)
                let words = before.split { !$0.isLetter && $0 != "'" }.map(String.init)
                if let name = criterion(named: words), number.limit != nil || Self.leads(before) {
                    scores[name] = score
                    continue
                }
                let rank = Self.rank(number, before: before, words: words)
                if rank > 0, rank >= best?.rank ?? 0 { best = (rank, score) }
            }
        }
        let mean = scores.isEmpty ? nil : ScoreReader.weightedMean(scores, criteria: criteria)
        if let score = mean ?? best?.score {
            return ScoreReading(score: score, criteria: scores, notes: [], tier: .words)
        }
        return loneNumber().map {
            ScoreReading(score: $0, criteria: [:], notes: [], tier: .number)
        }
    }

    /// What stands before a number, back to the end of the sentence before.
    private static func clause(before number: Number, in line: [UInt8]) -> String {
        var start = max(0, number.range.lowerBound - 60)
        for index in start..<number.range.lowerBound
        where ".;!?".utf8.contains(line[index]) && Byte.isSpace(line[index + 1]) {
            start = index + 1
        }
        return Byte.string(line[start..<number.range.lowerBound])
    }

    // MARK: Words

    private static let summing: Set<String> = ["overall", "total", "final", "weighted", "verdict"]
    private static let scoring: Set<String> = [
        "score", "scores", "scored", "rating", "rate", "rated", "grade", "give", "giving", "mark",
        "points",
    ]
    /// Words before a number that counts something else.
    private static let counting: Set<String> = [
        "section", "round", "page", "version", "chapter", "figure", "table", "step", "line",
        "paragraph", "item", "point", "draft", "of", "lines", "steps", "pages", "least", "most",
    ]

    /// How surely a number is the score: 0 for not at all.
    private static func rank(_ number: Number, before: String, words: [String]) -> Int {
        let near = words.suffix(6)
        if let last = near.last, counting.contains(last), number.limit == nil { return 0 }
        let sums = near.contains(where: summing.contains)
        let scores = near.contains(where: scoring.contains)
        if number.limit != nil {
            // A bare percentage is as likely a figure of the text.
            if number.limit == 100, !sums, !scores { return 0 }
            return sums ? 5 : scores ? 4 : 2
        }
        guard sums || scores, leads(before) || near.suffix(2).contains(where: scoring.contains)
        else { return 0 }
        return sums ? 3 : 2
    }

    /// Whether the text before a number introduces it: a colon, an equals sign, a dash, or "is".
    private static func leads(_ before: String) -> Bool {
        let bytes = before.utf8.reversed().drop { Byte.isSpace($0) || "*_`~(".utf8.contains($0) }
        guard let last = bytes.first else { return false }
        if ":=-|".utf8.contains(last) || last >= 0x80 { return true }
        let text = before.trimmed
        return text.hasSuffix(" is") || text.hasSuffix(" of") || text.hasSuffix(" at")
    }

    /// The criterion whose name stands right before a number.
    private func criterion(named words: [String]) -> String? {
        let joined = words.suffix(8).joined()
        let plain = joined.hasSuffix("score") ? String(joined.dropLast(5)) : joined
        return criteria.first {
            plain.hasSuffix($0.name.folded) || joined.hasSuffix($0.name.folded)
        }?.name
    }

    // MARK: A number alone

    /// The last number from 0 to 10 that fills a line, else the last that ends a sentence.
    private func loneNumber() -> Double? {
        var ending: Double?
        var lone: Double?
        for line in lines {
            guard let number = Self.numbers(in: line).last,
                let score = ScoreScale.normal(number.value, limit: number.limit)
            else { continue }
            let before = line[..<number.range.lowerBound]
            let after = line[number.range.upperBound...]
            guard after.allSatisfy({ !Byte.isWord($0) }) else { continue }
            if before.allSatisfy({ !Byte.isWord($0) }) {
                // "1." and "2)" alone number an empty item.
                let item = after.contains(UInt8(ascii: ")")) && before.isEmpty
                if !item { lone = score }
                continue
            }
            let last = Byte.string(before).split { !$0.isLetter }.last.map(String.init) ?? ""
            if number.value <= 10, !Self.counting.contains(last) { ending = score }
        }
        return lone ?? ending
    }

    // MARK: Numbers

    static func numbers(in text: String) -> [Number] { numbers(in: Array(text.lowered.utf8)) }

    /// The numbers of a line that are no part of a word, a date or a longer number.
    static func numbers(in line: [UInt8]) -> [Number] {
        var found: [Number] = []
        var index = 0
        while index < line.count {
            guard Byte.isDigit(line[index]) else {
                index += 1
                continue
            }
            let start = index
            index = digitsEnd(line, from: index)
            if index + 1 < line.count,
                line[index] == UInt8(ascii: ".") || line[index] == UInt8(ascii: ","),
                Byte.isDigit(line[index + 1])
            {
                index = digitsEnd(line, from: index + 1)
            }
            let text = Byte.string(line[start..<index].map { $0 == UInt8(ascii: ",") ? 46 : $0 })
            let before = start > 0 ? line[start - 1] : 32
            guard let value = Double(text), !Byte.isWord(before) || before >= 0x80,
                !"./-".utf8.contains(before)
            else { continue }
            let (limit, end) = scale(line, from: index)
            if limit == nil, end < line.count {
                let next = line[end]
                if Byte.isLetter(next) || next == UInt8(ascii: "/") { continue }
                if ".,-:".utf8.contains(next), end + 1 < line.count, Byte.isDigit(line[end + 1]) {
                    continue
                }
            }
            found.append(Number(value: value, limit: limit, range: start..<end))
            index = max(index, end)
        }
        return found
    }

    private static func digitsEnd(_ line: [UInt8], from start: Int) -> Int {
        var index = start
        while index < line.count, Byte.isDigit(line[index]) { index += 1 }
        return index
    }

    /// What follows a number and tells its scale: `/10`, `out of 100`, `%`, `percent`, `stars`.
    private static func scale(_ line: [UInt8], from start: Int) -> (limit: Double?, end: Int) {
        var index = start
        func skip() { while index < line.count, " *_`".utf8.contains(line[index]) { index += 1 } }
        func take(_ text: String) -> Bool {
            guard line[index...].starts(with: text.utf8) else { return false }
            index += text.utf8.count
            return true
        }
        skip()
        if take("%") || take("percent") || take("per cent") { return (100, index) }
        if take("/") || take("out of") {
            skip()
            let digits = digitsEnd(line, from: index)
            guard let limit = Double(Byte.string(line[index..<digits])),
                [5, 10, 20, 50, 100].contains(limit)
            else { return (nil, start) }
            return (limit, digits)
        }
        return (nil, start)
    }
}
