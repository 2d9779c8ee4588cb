public import MeshContract

extension Orchestrator {
    public struct AddComment: Method {
        public static let name = "add-comment"
        public static let summary = "Keeps a person's comment on a run, once per key."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Comment

        public var user: String
        public var run: String
        public var text: String
        /// What of the run it is about, such as a step's path; nil for all of it.
        public var about: String?
        /// The caller's idempotency key; nil makes a new comment each time.
        public var key: String?
        /// Who wrote it, where that is another member of the run's workspace; nil for the user.
        public var author: String?

        public init(
            user: String, run: String, text: String, about: String? = nil, key: String? = nil,
            author: String? = nil
        ) {
            (self.user, self.run, self.text) = (user, run, text)
            (self.about, self.key, self.author) = (about, key, author)
        }
    }

    public struct ListComments: Method {
        public static let name = "comments"
        public static let summary = "Lists the comments on a run, oldest first."
        public static let traits = MethodTraits.read
        public typealias Reply = CommentPage

        public var user: String
        public var run: String
        /// Those after this id; nil begins with the oldest.
        public var after: Int64?
        public var limit: Int

        public init(user: String, run: String, after: Int64? = nil, limit: Int) {
            (self.user, self.run, self.after, self.limit) = (user, run, after, limit)
        }
    }

    public struct Comment: Codable, Sendable, Equatable {
        public var id: Int64
        public var run: String
        /// The user who wrote it.
        public var author: String
        public var text: String
        public var about: String?
        /// Wall milliseconds.
        public var at: Int64

        public init(
            id: Int64, run: String, author: String, text: String, about: String?, at: Int64
        ) {
            (self.id, self.run, self.author) = (id, run, author)
            (self.text, self.about, self.at) = (text, about, at)
        }
    }

    public struct CommentPage: Codable, Sendable, Equatable {
        public var comments: [Comment]
        /// Pass as `after` for the next page; nil at the end.
        public var next: Int64?

        public init(comments: [Comment], next: Int64?) {
            (self.comments, self.next) = (comments, next)
        }
    }
}
