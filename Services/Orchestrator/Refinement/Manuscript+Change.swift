/// How answers and a person's acts become changes.
extension Manuscript {
    /// A writer's answer to the text as it stands.
    public struct Answer: Sendable, Hashable {
        public var agent: String
        public var round: Int
        public var text: String

        public init(agent: String, round: Int, text: String) {
            (self.agent, self.round, self.text) = (agent, round, text)
        }
    }

    /// The most suggestions of one answer; neighbours are joined beyond that.
    static let mostSuggestions = 200

    /// Works out what to take in: first the answer, under the newest locks, then what the person did.
    ///
    /// The answer was written to the text as it stands, so it comes first; a person's edit then has
    /// the last word on whatever both have changed.
    public func change(
        answer: Answer? = nil, notes: [Note] = [], acts: [PersonAct] = [], round: Int? = nil
    ) -> Change {
        var next = self
        let made = Mark(self)
        var change = Change(seen: acts.last?.number ?? seen)
        let locks = acts.last { $0.locks != nil }?.locks
        if let locks { next.lock(locks) }
        change.locks = locks
        if let answer { next.take(answer, notes) }
        for act in acts where act.number > seen {
            if let edit = act.edit { next.take(edit, act.number, answer?.round ?? round) }
            if let decision = act.decision,
                let verdict = next.take(decision, act.number, answer?.round ?? round)
            {
                change.verdicts.append(verdict)
            }
        }
        change.versions = next.versions.dropFirst(made.versions).map { version in
            Change.Draft(
                author: version.author, round: version.round,
                text: version.text == answer?.text ? nil : version.text, seen: version.seen)
        }
        // As they were made: what was said to them within this change stands among the verdicts.
        change.suggestions = next.suggestions.dropFirst(made.suggestions).map { suggestion in
            var suggestion = suggestion
            suggestion.state = .open
            return suggestion
        }
        return change
    }

    private struct Mark {
        let versions: Int
        let suggestions: Int

        init(_ manuscript: Manuscript) {
            (versions, suggestions) = (manuscript.versions.count, manuscript.suggestions.count)
        }
    }

    // MARK: An answer

    private mutating func take(_ answer: Answer, _ notes: [Note]) {
        let before = text
        let outcome = Locks.enforce(locks, before: before, after: answer.text)
        let isFirst = before.utf8.allSatisfy(Byte.isSpace)
        // What a person has turned down once is not made again, and what they wrote not taken back.
        let (made, keptOut) = isFirst ? (outcome.made, []) : sorted(outcome)
        let text = keptOut.isEmpty ? outcome.text : Hunk.apply(made, to: outcome.passages)
        if text != before {
            append(text, by: .agent(answer.agent), answer.round, seen: seen)
        }
        guard !isFirst else { return }
        let version = latest.number
        let all =
            made.map { ($0, Suggestion.Obstacle?.none) }
            + outcome.refused.map { ($0, .lock) } + keptOut
        for (hunk, obstacle, offset) in placed(all, made, outcome.passages) {
            let old = outcome.passages[hunk.range].joined()
            let note = Reasons.find(for: old, in: notes)
            append(
                Suggestion(
                    number: suggestions.count + 1, author: answer.agent, round: answer.round,
                    version: version, offset: offset, before: old, after: hunk.text,
                    reason: note?.text, reasonBy: note?.by, isApplied: obstacle == nil,
                    obstacle: obstacle, state: .open))
        }
    }

    /// The changes that may be made, and those that a person's word or work keeps out.
    private func sorted(
        _ outcome: Locks.Outcome
    ) -> (made: [Hunk], keptOut: [(Hunk, Suggestion.Obstacle?)]) {
        let refusals = refusals
        guard !refusals.isEmpty || !undoings.isEmpty else { return (outcome.made, []) }
        var made: [Hunk] = []
        var keptOut: [(Hunk, Suggestion.Obstacle?)] = []
        for hunk in outcome.made {
            let old = outcome.passages[hunk.range].joined()
            if refusals.contains(where: { $0.forbids(old, hunk.text) }) {
                keptOut.append((hunk, .rejection))
            } else if undoings.contains(where: { $0.forbids(old, hunk.text) }) {
                keptOut.append((hunk, .edit))
            } else {
                made.append(hunk)
            }
        }
        return (made, keptOut)
    }

    /// The changes in the order of the text, each with its place in the text that was made.
    private func placed(
        _ all: [(Hunk, Suggestion.Obstacle?)], _ made: [Hunk], _ passages: [Substring]
    ) -> [(Hunk, Suggestion.Obstacle?, Int)] {
        let joined = Hunk.joined(made, of: passages, most: Self.mostSuggestions)
        let kept =
            joined.map { ($0, Suggestion.Obstacle?.none) }
            + all.filter { $0.1 != nil }.prefix(Self.mostSuggestions)
        let sorted = kept.sorted { $0.0.range.lowerBound < $1.0.range.lowerBound }
        var starts = [0]
        for passage in passages { starts.append(starts[starts.count - 1] + passage.utf8.count) }
        var shift = 0
        return sorted.map { hunk, obstacle in
            let offset = starts[hunk.range.lowerBound] + shift
            if obstacle == nil {
                let old = starts[hunk.range.upperBound] - starts[hunk.range.lowerBound]
                shift += hunk.text.utf8.count - old
            }
            return (hunk, obstacle, offset)
        }
    }

    // MARK: A person

    private mutating func take(_ edit: PersonAct.Edit, _ number: Int64, _ round: Int?) {
        let base = edit.baseText ?? version(edit.base)?.text ?? text
        let merged = ThreeWay(base: base, ours: edit.text, theirs: text)
        // Whoever wrote last is whose words the person's have replaced.
        let author = versions.dropFirst(edit.base + 1).reversed().lazy.compactMap { version in
            if case .agent(let name) = version.author { (name, version.round ?? 0) } else { nil }
        }.first
        append(merged.text, by: .person, round, seen: number)
        guard let (name, made) = author else { return }
        for conflict in merged.conflicts {
            append(
                Suggestion(
                    number: suggestions.count + 1, author: name, round: made,
                    version: latest.number, offset: conflict.offset, before: conflict.ours,
                    after: conflict.theirs, reason: nil, reasonBy: nil, isApplied: false,
                    obstacle: .edit, state: .open))
        }
    }

    private mutating func take(
        _ decision: PersonAct.Decision, _ number: Int64, _ round: Int?
    ) -> Verdict? {
        guard let at = suggestions.firstIndex(where: { $0.number == decision.suggestion }),
            suggestions[at].state == .open
        else { return nil }
        let suggestion = suggestions[at]
        decide(at, decision.accepted)
        var verdict = Verdict(
            number: suggestion.number, accepted: decision.accepted, effect: .none)
        guard suggestion.isApplied != decision.accepted else { return verdict }
        guard let flipped = flipped(suggestion) else {
            verdict.effect = .passed
            return verdict
        }
        guard flipped != text else { return verdict }
        append(flipped, by: .person, round, seen: number)
        verdict.effect = decision.accepted ? .made : .undone
        return verdict
    }

    /// The newest text with a suggestion made that was not, or undone that was; nil where the passage
    /// has become another one since.
    private func flipped(_ suggestion: Suggestion) -> String? {
        guard let base = version(suggestion.version)?.text else { return nil }
        let bytes = Array(base.utf8)
        let now = suggestion.standing
        let then = suggestion.isApplied ? suggestion.before : suggestion.after
        let end = suggestion.offset + now.utf8.count
        guard suggestion.offset >= 0, end <= bytes.count,
            bytes[suggestion.offset..<end].elementsEqual(now.utf8)
        else { return nil }
        let flipped = Byte.string(bytes[..<suggestion.offset] + Array(then.utf8) + bytes[end...])
        let merged = ThreeWay(base: base, ours: flipped, theirs: text)
        return merged.conflicts.isEmpty ? merged.text : nil
    }
}
