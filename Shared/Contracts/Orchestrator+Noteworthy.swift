public import MeshContract

/// What people may want to be told of: the orchestrator notes it with the event itself, and the gateway,
/// which knows people and their wishes, reads it from a number on.
extension Orchestrator {
    public struct ListNoteworthy: Method {
        public static let name = "noteworthy"
        public static let summary =
            "Lists what people may want to be told of after a number, or waits for it."
        public static let traits = MethodTraits.longPoll.callers("gateway")
        public typealias Reply = NoteworthyPage

        /// The last number taken; 0 for none.
        public var after: Int64
        public var limit: Int
        public var waitMilliseconds: Int

        public init(after: Int64, limit: Int, waitMilliseconds: Int) {
            (self.after, self.limit) = (after, limit)
            self.waitMilliseconds = waitMilliseconds
        }
    }

    /// Something that has happened to a run, once.
    public struct Noteworthy: Codable, Sendable, Equatable {
        /// Grows from one to the next, not always by one, and is never used twice.
        public var seq: Int64
        /// `gate_waiting`, `run_completed`, `run_failed` or `run_attention`.
        public var kind: String
        public var run: String
        /// Who began the run.
        public var user: String
        /// Whose members see the run; nil for its user alone.
        public var workspace: String?
        public var title: String
        /// What a gate asks, or why a run failed; its beginning alone where it is long.
        public var detail: String?
        /// Wall milliseconds.
        public var at: Int64

        public init(
            seq: Int64, kind: String, run: String, user: String, workspace: String?, title: String,
            detail: String?, at: Int64
        ) {
            (self.seq, self.kind, self.run, self.user) = (seq, kind, run, user)
            (self.workspace, self.title) = (workspace, title)
            (self.detail, self.at) = (detail, at)
        }
    }

    public struct NoteworthyPage: Codable, Sendable, Equatable {
        /// The oldest first.
        public var entries: [Noteworthy]
        /// The newest number that was ever given, forgotten or not. Less than what was asked for, it is
        /// another log: that of a copy which was brought back.
        public var newest: Int64

        public init(entries: [Noteworthy], newest: Int64) {
            (self.entries, self.newest) = (entries, newest)
        }
    }
}
