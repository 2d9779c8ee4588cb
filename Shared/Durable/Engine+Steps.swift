internal import Database

/// What people and other services may see of the single steps of a run.
extension Engine {
    /// The paths whose outcome stands in the journal, in the order in which they ended.
    public func journaled(_ run: String) async throws -> [String] {
        try await read { journal in
            try journal.db.all(
                """
                SELECT path FROM durable_journal
                WHERE run = (SELECT id FROM durable_run WHERE key = $1)
                    AND (value IS NOT NULL OR failure IS NOT NULL)
                ORDER BY n
                """, run
            ) { $0.text(0) }
        }
    }

    /// What the steps of a run came to so far, in the order in which they ended: for a view of the
    /// run that is made from its journal instead of being kept beside it.
    public func outcomes(_ run: String) async throws -> [JournaledOutcome] {
        try await read { journal in
            try journal.db.all(
                """
                SELECT path, value FROM durable_journal
                WHERE run = (SELECT id FROM durable_run WHERE key = $1)
                    AND kind = 'step' AND value IS NOT NULL
                ORDER BY n
                """, run
            ) { JournaledOutcome(path: $0.text(0), value: $0.blob(1)) }
        }
    }

    /// One operation of a run, as its journal has it.
    public struct StepRecord: Sendable {
        /// How far it has come.
        public enum State: String, Sendable {
            case done, failed, open
            /// A fork or a retry will do it anew.
            case ahead
        }

        /// Where in the code it stands, such as `3.round/1.write`.
        public let path: String
        /// `step`, `gate`, `timer`, `signal` or `child`.
        public let kind: String
        /// How far it has come.
        public let state: State
        /// True when it is given an input, which a fork may change.
        public let takesInput: Bool
        /// When it ended, or began to wait, in milliseconds since 1970.
        public let at: Int64
        /// How it failed.
        public let failure: StepFailure?
    }

    /// The operations that a run has journaled, in the order in which they ended.
    public func steps(_ run: String) async throws -> [StepRecord] {
        try await read { journal in
            try journal.db.all(
                """
                SELECT path, kind, value IS NOT NULL, failure_code, failure, digest, at,
                    own = 2 OR input IS NOT NULL
                FROM durable_journal
                WHERE run = (SELECT id FROM durable_run WHERE key = $1)
                ORDER BY n
                """, run
            ) { row in
                let path = row.text(0)
                let failure = row.textOrNil(4).map {
                    StepFailure(path: path, code: row.text(3), message: $0)
                }
                let isOpen: StepRecord.State = row.bool(7) ? .ahead : .open
                return StepRecord(
                    path: path, kind: row.text(1),
                    state: row.bool(2) ? .done : failure == nil ? isOpen : .failed,
                    takesInput: row.text(1) == "step" && row.int64(5) != 0, at: row.int64(6),
                    failure: failure)
            }
        }
    }
}
