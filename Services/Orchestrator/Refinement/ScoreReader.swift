/// A score as it was found in an agent's answer.
public struct ScoreReading: Codable, Sendable, Hashable {
    /// Where in the answer it was found, the surest first.
    public enum Tier: String, Codable, Sendable, Hashable {
        /// In JSON, as the prompt asks for.
        case json
        /// In words: "Score: 8/10".
        case words
        /// A number that stands alone.
        case number
    }

    /// From 0 to 10; the weighted mean of the criteria where these have scores.
    public var score: Double
    /// From 0 to 10 each, under the names that the plan has for them.
    public var criteria: [String: Double]
    /// The reviewer's notes, where the answer lists them.
    public var notes: [String]
    public var tier: Tier

    public init(score: Double, criteria: [String: Double], notes: [String], tier: Tier) {
        self.score = score
        self.criteria = criteria
        self.notes = notes
        self.tier = tier
    }
}

/// Finds the score in what a reviewing agent answered, whatever form it chose.
public enum ScoreReader {
    /// The score, or nil when the answer has none.
    ///
    /// Of several in one form the last counts: reviewers conclude at the end.
    public static func read(_ answer: String, criteria: [Criterion] = []) -> ScoreReading? {
        let answer = Byte.string(answer.utf8.suffix(longestAnswer))
        for json in candidates(in: answer).reversed() {
            if let value = LooseJSON.beginning(of: json), let reading = reading(of: value, criteria)
            {
                return reading
            }
        }
        return SpokenScores(answer, criteria: criteria).reading()
    }

    /// Bytes at the end of an answer that are searched.
    private static let longestAnswer = 1_000_000

    /// The mean of the criteria that have scores, by weight; nil when none has.
    public static func weightedMean(
        _ scores: [String: Double], criteria: [Criterion]
    ) -> Double? {
        var (sum, weights) = (0.0, 0.0)
        for criterion in criteria {
            guard let score = scores[criterion.name], score.isFinite else { continue }
            sum += criterion.weight * score
            weights += criterion.weight
        }
        if weights > 0 { return (sum / weights * 100).rounded() / 100 }
        let plain = scores.values.filter(\.isFinite).sorted()
        return plain.isEmpty
            ? nil : (plain.reduce(0, +) / Double(plain.count) * 100).rounded() / 100
    }

    /// The bodies of the code fences, and the whole answer or its end when that is an object.
    private static func candidates(in answer: String) -> [String] {
        var found: [String] = []
        var fence: (mark: String, lines: [String])?
        var tail: [String]?
        for line in answer.lineList {
            let content = line.trimmed
            if let open = fence {
                if content.hasPrefix(open.mark), content.utf8.allSatisfy({ "`~".utf8.contains($0) })
                {
                    found.append(open.lines.joined(separator: "\n"))
                    fence = nil
                } else {
                    fence?.lines.append(line)
                }
            } else if content.hasPrefix("```") || content.hasPrefix("~~~") {
                let mark = content.prefix { $0 == content.first }
                // A fence opened and closed on one line.
                if content.hasSuffix(mark), content.count > mark.count * 2,
                    let brace = content.firstIndex(of: "{")
                {
                    found.append(String(content[brace...].dropLast(mark.count)))
                } else {
                    fence = (String(mark), [])
                }
                tail = nil
            } else if let inline = inline(content) {
                found.append(inline)
            } else if tail != nil {
                tail?.append(line)
            } else if content.hasPrefix("{") {
                tail = [line]
            }
        }
        if let tail { found.append(tail.joined(separator: "\n")) }
        if let open = fence { found.append(open.lines.joined(separator: "\n")) }
        return found.filter { $0.trimmed.hasPrefix("{") || $0.trimmed.hasPrefix("[") }
    }

    /// The object in a fence that stands within a line.
    private static func inline(_ line: String) -> String? {
        guard let open = line.firstRange(of: "```"), line.hasSuffix("```") else { return nil }
        let body = line[open.upperBound...].dropLast(3)
        return body.firstIndex(of: "{").map { String(body[$0...]) }
    }

    // MARK: JSON

    private static let totals = [
        "score", "overall", "overall_score", "total", "total_score", "final_score", "rating",
        "grade", "average", "weighted_score",
    ]
    private static let groups = [
        "criteria", "scores", "criteria_scores", "breakdown", "ratings", "per_criterion",
        "criterion_scores", "subscores",
    ]

    private static func reading(of value: LooseJSON, _ plan: [Criterion]) -> ScoreReading? {
        let object = found(in: value, depth: 0, plan)
        guard let object else { return nil }
        let scale = object["max"] ?? object["out_of"] ?? object["max_score"] ?? object["scale"]
        let limit = scale.flatMap(ScoreScale.plain)
        let scores = named(members(of: object), limit: limit, plan)
        let total = totals.lazy.compactMap { object[$0] }.compactMap {
            ScoreScale.normal($0, limit: limit)
        }.first
        let known = scores.filter { score in plan.contains { $0.name == score.key } }
        let mean = plan.isEmpty ? weightedMean(scores, criteria: []) : nil
        let weighted = known.isEmpty ? nil : weightedMean(known, criteria: plan)
        guard let score = weighted ?? total ?? mean ?? weightedMean(scores, criteria: plan) else {
            return nil
        }
        let notes = object["notes"] ?? object["suggestions"] ?? object["feedback"]
        return ScoreReading(score: score, criteria: scores, notes: texts(notes), tier: .json)
    }

    /// The outermost object that has a score or a group of scores.
    private static func found(
        in value: LooseJSON, depth: Int, _ plan: [Criterion]
    ) -> LooseJSON? {
        guard depth < 6 else { return nil }
        switch value {
        case .object(let list):
            let total = totals.contains { key in
                value[key].flatMap { ScoreScale.normal($0, limit: nil) } != nil
            }
            if total || !members(of: value).isEmpty { return value }
            let names = Set(plan.map(\.name.folded))
            if list.contains(where: { names.contains($0.key.folded) && isScore($0.value) }) {
                return .object([("criteria", value)])
            }
            return list.lazy.compactMap { found(in: $0.value, depth: depth + 1, plan) }.first
        case .array(let list):
            return list.lazy.compactMap { found(in: $0, depth: depth + 1, plan) }.first
        case .null, .bool, .number, .string: return nil
        }
    }

    private static func isScore(_ value: LooseJSON) -> Bool {
        ScoreScale.normal(inner(value), limit: nil) != nil
    }

    private static func inner(_ value: LooseJSON) -> LooseJSON {
        totals.lazy.compactMap { value[$0] }.first ?? value["value"] ?? value
    }

    /// The scores of single criteria, as an object by name or as a list of objects with names.
    private static func members(of object: LooseJSON) -> [(name: String, value: LooseJSON)] {
        var group = groups.lazy.compactMap { object[$0] }.first
        // {"score": {"clarity": 8}} means the same.
        if group == nil, let score = object["score"], case .object = score { group = score }
        switch group {
        case .object(let list):
            return list.map { ($0.key, inner($0.value)) }.filter { isScore($0.value) }
        case .array(let list):
            return list.compactMap { entry in
                let name = entry["name"] ?? entry["criterion"] ?? entry["label"]
                guard let name = name?.text, isScore(entry) else { return nil }
                return (name, inner(entry))
            }
        default: return []
        }
    }

    private static func named(
        _ members: [(name: String, value: LooseJSON)], limit: Double?, _ plan: [Criterion]
    ) -> [String: Double] {
        // One number above ten shows that the plain ones beside it count to a hundred.
        let plain = members.compactMap { ScoreScale.plain($0.value) }
        let limit = limit ?? (plain.contains { $0 > 10 } ? 100 : nil)
        var scores: [String: Double] = [:]
        for member in members.prefix(64) {
            let known = plan.first { $0.name.folded == member.name.folded }?.name
            scores[known ?? member.name] = ScoreScale.normal(member.value, limit: limit)
        }
        return scores
    }

    private static func texts(_ value: LooseJSON?) -> [String] {
        switch value {
        case .string(let text): return [text]
        case .array(let list):
            return list.prefix(100).compactMap { entry in
                entry.text ?? (entry["note"] ?? entry["text"] ?? entry["comment"])?.text
            }
        default: return []
        }
    }
}

/// Brings a score to the scale from 0 to 10.
enum ScoreScale {
    /// A number without a unit.
    static func plain(_ value: LooseJSON) -> Double? {
        switch value {
        case .number(let number): return number
        case .string(let text): return Double(text.trimmed)
        default: return nil
        }
    }

    /// Nil for what is no score, or lies outside its scale.
    static func normal(_ value: LooseJSON, limit: Double?) -> Double? {
        if let plain = plain(value) { return normal(plain, limit: limit) }
        guard case .string(let text) = value else { return nil }
        let spoken = SpokenScores.numbers(in: text)
        return spoken.lazy.compactMap { normal($0.value, limit: $0.limit ?? limit) }.first
    }

    /// Without a limit a number up to 10 counts to ten, one up to 100 to a hundred.
    static func normal(_ number: Double, limit: Double?) -> Double? {
        let limit = limit ?? (number > 10 ? 100 : 10)
        guard number.isFinite, limit > 0, number >= 0, number <= limit else { return nil }
        return limit == 10 ? number : (number / limit * 1000).rounded() / 100
    }
}
