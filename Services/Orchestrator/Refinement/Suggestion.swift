/// One change that an agent made, or would have made, for a person to accept or reject.
public struct Suggestion: Codable, Sendable, Hashable {
    /// What a person has said to it.
    public enum State: String, Codable, Sendable, Hashable {
        case open, accepted, rejected
    }

    /// Why a change did not come into the document by itself.
    public enum Obstacle: String, Codable, Sendable, Hashable {
        /// A person had changed the same passage, and the change would have undone that.
        case edit
        /// A person had locked the passage.
        case lock
        /// A person had rejected the very same change before.
        case rejection
    }

    /// Its number in the session, from 1.
    public var number: Int
    /// The agent's name.
    public var author: String
    /// The round in which it was made.
    public var round: Int
    /// The version whose text `offset` counts in.
    public var version: Int
    /// Where the passage begins in that version, in UTF-8 bytes.
    public var offset: Int
    /// The passage without the change; empty where something was added.
    public var before: String
    /// The passage with it; empty where something was taken out.
    public var after: String
    /// Why, in the words of the review that asked for it.
    public var reason: String?
    /// Whose review that was.
    public var reasonBy: String?
    /// Whether the change was made in that version.
    public var isApplied: Bool
    /// What kept it out, if something did.
    public var obstacle: Obstacle?
    public var state: State

    enum CodingKeys: String, CodingKey {
        case number, author, round, version, offset, before, after, reason, obstacle, state
        case reasonBy = "reason_by"
        case isApplied = "is_applied"
    }

    /// What stands in the text of its version.
    var standing: String { isApplied ? after : before }
}

/// A change that a person does not want: agents are told, and code keeps it out.
public struct Refusal: Codable, Sendable, Hashable {
    public var before: String
    public var after: String

    public init(before: String, after: String) { (self.before, self.after) = (before, after) }

    /// True where a new change would be the same again.
    func forbids(_ before: String, _ after: String) -> Bool {
        self.before.trimmed == before.trimmed && self.after.trimmed == after.trimmed
    }
}

/// What came of a person's word on a suggestion.
public struct Verdict: Codable, Sendable, Hashable {
    /// What became of the document.
    public enum Effect: String, Codable, Sendable, Hashable {
        /// It is as it was: the change stood there already, or had been kept out.
        case none
        /// The change was made.
        case made
        /// The change was undone.
        case undone
        /// The passage has changed since, so the document was left alone.
        case passed
    }

    public var number: Int
    public var accepted: Bool
    public var effect: Effect

    public init(number: Int, accepted: Bool, effect: Effect) {
        (self.number, self.accepted, self.effect) = (number, accepted, effect)
    }
}

/// Finds in the reviews why a passage was changed.
enum Reasons {
    /// The note that quotes the passage, of the latest reviews.
    static func find(for passage: String, in notes: [Note]) -> Note? {
        let folded = passage.folded
        guard folded.utf8.count >= shortest else { return nil }
        return notes.first { note in
            Quotations.of(note.text).contains { quote in
                let quote = quote.folded
                return quote.utf8.count >= shortest && Search.contains(quote, in: folded)
            }
        }
    }

    /// Letters below which a quotation says little about its place.
    private static let shortest = 8
}

/// What a note quotes: the texts between its quotation marks.
enum Quotations {
    private static let pairs: [Character: Character] = [
        "\"": "\"", "\u{201C}": "\u{201D}", "\u{2018}": "\u{2019}", "`": "`", "\u{AB}": "\u{BB}",
        "\u{201E}": "\u{201C}",
    ]

    static func of(_ text: String) -> [String] {
        var found: [String] = []
        var open: (end: Character, text: String)?
        for character in text {
            if let quote = open {
                if character == quote.end {
                    // A quotation that was cut short ends in an ellipsis that the text lacks.
                    found.append(String(quote.text.trimmed.split(separator: "…").first ?? ""))
                    open = nil
                } else {
                    open?.text.append(character)
                }
            } else if let end = pairs[character] {
                open = (end, "")
            }
        }
        return found.filter { !$0.isEmpty }
    }
}
