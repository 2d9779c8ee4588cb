public import MeshContract

/// What a person does to a session's document.
extension Orchestrator {
    /// A person's edit: taken in by the run before its next turn, and never written over.
    public struct EditDocument: Method {
        public static let name = "edit-document"
        public static let summary = "Takes a person's text of a session's document."
        public static let traits = MethodTraits.once.callers("gateway")
        public typealias Reply = Session

        public var user: String
        public var id: String
        public var document: String
        /// The `revision` of the session that the person had before them; nil for the newest.
        public var base: String?

        public init(user: String, id: String, document: String, base: String? = nil) {
            (self.user, self.id, self.document, self.base) = (user, id, document, base)
        }
    }

    public struct LockPassages: Method {
        public static let name = "lock-passages"
        public static let summary = "Says which passages agents must leave as they are."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Session

        public var user: String
        public var id: String
        /// All of them; those that are not named are free again.
        public var passages: [String]

        public init(user: String, id: String, passages: [String]) {
            (self.user, self.id, self.passages) = (user, id, passages)
        }
    }

    public struct ListSuggestions: Method {
        public static let name = "suggestions"
        public static let summary = "Lists the changes that agents made or would have made."
        public static let traits = MethodTraits.read
        public typealias Reply = SuggestionList

        public var user: String
        public var id: String
        /// `open`, `accepted` or `rejected`; nil for all.
        public var state: String?

        public init(user: String, id: String, state: String? = nil) {
            (self.user, self.id, self.state) = (user, id, state)
        }
    }

    public struct DecideSuggestion: Method {
        public static let name = "decide-suggestion"
        public static let summary = "Accepts a suggestion, or rejects it and so undoes it."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Suggestion

        public var user: String
        public var id: String
        public var number: Int
        public var accept: Bool

        public init(user: String, id: String, number: Int, accept: Bool) {
            (self.user, self.id, self.number, self.accept) = (user, id, number, accept)
        }
    }

    public struct DiffSession: Method {
        public static let name = "diff-session"
        public static let summary = "Tells what changed between two rounds; 0 is the draft."
        public static let traits = MethodTraits.read.heavy
        public typealias Reply = DocumentDiff

        public var user: String
        public var id: String
        /// A round's number; 0 for the draft.
        public var from: Int
        /// A round's number; nil for the document as it is now.
        public var to: Int?

        public init(user: String, id: String, from: Int, to: Int? = nil) {
            (self.user, self.id, self.from, self.to) = (user, id, from, to)
        }
    }

    public struct Suggestion: Codable, Sendable, Equatable {
        public var number: Int
        /// The agent's name.
        public var author: String
        public var round: Int
        public var before: String
        public var after: String
        /// Why, in the words of the review that asked for it, where one did.
        public var reason: String?
        /// Whose review that was.
        public var reasonBy: String?
        /// `open`, `accepted` or `rejected`.
        public var state: String
        /// Whether the change was made when its turn ended.
        public var isApplied: Bool
        /// What kept it out: `edit`, `lock` or `rejection`.
        public var obstacle: String?
        /// True for a word of the person that the run has not taken in yet.
        public var isPending: Bool
        /// What the person's word did: `made`, `undone`, `none`, or `passed` where the passage had
        /// changed since.
        public var effect: String?

        public init(
            number: Int, author: String, round: Int, before: String, after: String,
            reason: String?, reasonBy: String?, state: String, isApplied: Bool, obstacle: String?,
            isPending: Bool, effect: String?
        ) {
            (self.number, self.author, self.round) = (number, author, round)
            (self.before, self.after) = (before, after)
            (self.reason, self.reasonBy) = (reason, reasonBy)
            (self.state, self.isApplied, self.obstacle) = (state, isApplied, obstacle)
            (self.isPending, self.effect) = (isPending, effect)
        }
    }

    public struct SuggestionList: Codable, Sendable, Equatable {
        public var suggestions: [Suggestion]

        public init(suggestions: [Suggestion]) { self.suggestions = suggestions }
    }

    public struct DocumentDiff: Codable, Sendable, Equatable {
        /// A stretch of lines, or of words.
        public struct Piece: Codable, Sendable, Equatable {
            /// `same`, `removed` or `added`.
            public var kind: String
            public var text: String

            public init(kind: String, text: String) { (self.kind, self.text) = (kind, text) }
        }

        public var from: String
        public var to: String
        /// By lines.
        public var pieces: [Piece]
        /// The same by words, for marking changes within running text.
        public var words: [Piece]
        /// In the form that `patch` reads.
        public var unified: String
        public var wordsAdded: Int
        public var wordsRemoved: Int
        /// True where the texts were too different to be compared line by line.
        public var isCoarse: Bool

        public init(
            from: String, to: String, pieces: [Piece], words: [Piece], unified: String,
            wordsAdded: Int, wordsRemoved: Int, isCoarse: Bool
        ) {
            (self.from, self.to, self.pieces) = (from, to, pieces)
            (self.words, self.unified, self.isCoarse) = (words, unified, isCoarse)
            (self.wordsAdded, self.wordsRemoved) = (wordsAdded, wordsRemoved)
        }
    }
}
