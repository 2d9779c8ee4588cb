/// A document with all that has become of it: its versions, the agents' suggestions, the locks.
///
/// It changes by `Change` alone, and a change is worked out once and journaled. So a run that is played
/// again, and a session that is looked at, come to the same text whatever later code would decide.
public struct Manuscript: Sendable, Hashable {
    /// Who made a version.
    public enum Author: Codable, Sendable, Hashable {
        /// What the session began with.
        case draft
        /// An agent, by name.
        case agent(String)
        /// A person: an edit, or a word on a suggestion.
        case person
        /// The best round's text was taken up again at the end.
        case best(round: Int)
    }

    /// The text at one time.
    public struct Version: Codable, Sendable, Hashable {
        /// From 0, the draft.
        public var number: Int
        public var author: Author
        /// The round in which it came about; nil for the draft and after the end.
        public var round: Int?
        public var text: String
        /// The newest of the person's acts that is in it.
        public var seen: Int64

        enum CodingKeys: String, CodingKey { case number, author, round, text, seen }
    }

    public private(set) var versions: [Version]
    public private(set) var suggestions: [Suggestion] = []
    public private(set) var locks: [String]
    /// What came of each word that a person said on a suggestion.
    public private(set) var verdicts: [Verdict] = []
    /// The newest of the person's acts that was taken in.
    public private(set) var seen: Int64 = 0

    /// What was refused before the draft, in the session that this one continues.
    private let refused: [Refusal]
    /// What would only undo a person's own changes.
    private(set) var undoings: [Refusal] = []

    public init(draft: String, locks: [String] = [], refused: [Refusal] = []) {
        versions = [Version(number: 0, author: .draft, round: nil, text: draft, seen: 0)]
        self.locks = locks
        self.refused = refused
    }

    /// The newest version.
    public var latest: Version { versions[versions.count - 1] }
    /// The newest text.
    public var text: String { latest.text }

    /// The version of a number, if there is one.
    public func version(_ number: Int) -> Version? {
        versions.indices.contains(number) ? versions[number] : nil
    }

    /// As it was when a version had just come about.
    public func until(_ version: Version) -> Manuscript {
        var earlier = self
        earlier.versions = Array(versions.prefix(version.number + 1))
        earlier.suggestions = suggestions.filter { $0.version <= version.number }
        earlier.seen = version.seen
        return earlier
    }

    /// Takes up an earlier text as the newest, for whoever only looks.
    public mutating func show(_ text: String, of round: Int) {
        append(text, by: .best(round: round), round, seen: seen)
    }

    /// Takes in what was worked out. `answer` is the text of the answer that the change is of; a
    /// version that is that answer word for word does not hold it a second time.
    public mutating func take(_ change: Change, answer: String? = nil) {
        for draft in change.versions {
            append(draft.text ?? answer ?? text, by: draft.author, draft.round, seen: draft.seen)
        }
        suggestions += change.suggestions
        verdicts += change.verdicts
        for verdict in change.verdicts {
            guard let at = suggestions.firstIndex(where: { $0.number == verdict.number }) else {
                continue
            }
            suggestions[at].state = verdict.accepted ? .accepted : .rejected
        }
        locks = change.locks ?? locks
        seen = max(seen, change.seen)
        versions[versions.count - 1].seen = seen
    }

    mutating func append(_ text: String, by author: Author, _ round: Int?, seen: Int64) {
        if author == .person { undoings += Self.undoings(from: self.text, to: text) }
        versions.append(
            Version(
                number: versions.count, author: author, round: round, text: text, seen: seen))
    }

    /// A person's changes the other way round.
    private static func undoings(from old: String, to new: String) -> [Refusal] {
        let passages = Passages.cut(old)
        return Hunk.between(passages, Passages.cut(new)).map { hunk in
            Refusal(before: hunk.text, after: passages[hunk.range].joined())
        }
    }

    mutating func append(_ suggestion: Suggestion) { suggestions.append(suggestion) }

    mutating func lock(_ passages: [String]) { locks = passages }

    mutating func decide(_ index: Int, _ accepted: Bool) {
        suggestions[index].state = accepted ? .accepted : .rejected
    }

    /// The changes that a person did not want, the newest last, for agents to be told.
    public var refusals: [Refusal] {
        refused
            + suggestions.filter { $0.state == .rejected }
            .map { Refusal(before: $0.before, after: $0.after) }
    }

    /// The text of a version with every person's change that came after it made in it too.
    ///
    /// So the best round's text can be taken up again without a person's work being lost.
    public func withPersonsWork(from number: Int) -> String {
        guard let start = version(number) else { return text }
        return versions.dropFirst(number + 1).reduce(start.text) { text, version in
            guard case .person = version.author else { return text }
            let before = versions[version.number - 1].text
            return ThreeWay(base: before, ours: version.text, theirs: text).text
        }
    }
}

/// What a person did to a session, in the order of its numbers. Kept apart from the run until the run
/// takes it in.
public struct PersonAct: Codable, Sendable, Hashable {
    /// A whole text in place of the one they saw.
    public struct Edit: Codable, Sendable, Hashable {
        public var text: String
        /// The version they had before them.
        public var base: Int
        /// Its text, where they saw more than that version: with edits that waited to be taken in.
        public var baseText: String?

        public init(text: String, base: Int, baseText: String? = nil) {
            (self.text, self.base, self.baseText) = (text, base, baseText)
        }
    }

    /// A word on a suggestion.
    public struct Decision: Codable, Sendable, Hashable {
        public var suggestion: Int
        public var accepted: Bool

        public init(suggestion: Int, accepted: Bool) {
            (self.suggestion, self.accepted) = (suggestion, accepted)
        }
    }

    /// From 1, growing.
    public var number: Int64
    public var edit: Edit?
    public var locks: [String]?
    public var decision: Decision?

    public init(
        number: Int64, edit: Edit? = nil, locks: [String]? = nil, decision: Decision? = nil
    ) {
        (self.number, self.edit, self.locks, self.decision) = (number, edit, locks, decision)
    }
}

/// What an answer, and the person's acts since the last look, make of a manuscript.
public struct Change: Codable, Sendable, Hashable {
    /// A version to come.
    public struct Draft: Codable, Sendable, Hashable {
        public var author: Manuscript.Author
        public var round: Int?
        /// Nil for the answer itself.
        public var text: String?
        public var seen: Int64

        public init(author: Manuscript.Author, round: Int?, text: String?, seen: Int64) {
            (self.author, self.round, self.text, self.seen) = (author, round, text, seen)
        }
    }

    public var seen: Int64
    public var versions: [Draft]
    public var suggestions: [Suggestion]
    public var verdicts: [Verdict]
    public var locks: [String]?

    public init(seen: Int64 = 0) {
        (self.seen, versions, suggestions, verdicts) = (seen, [], [], [])
    }

    /// Whether nothing has happened.
    public var isEmpty: Bool {
        versions.isEmpty && suggestions.isEmpty && verdicts.isEmpty && locks == nil
    }
}
