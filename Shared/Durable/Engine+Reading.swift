internal import Database

/// What people and other services may see of a run.
extension Engine {
    /// Where a run stands.
    public struct Status: Sendable {
        /// Something that the run cannot go on without.
        public struct Wait: Sendable {
            /// Where in the code, as `2.critics/1/0.judge`.
            public let path: String
            /// `gate`, `timer`, `signal` or `child`; `step` for one whose end is unknown.
            public let kind: String
            /// When it ends by itself, in milliseconds since 1970.
            public let due: Int64?
        }

        /// The name of the code that runs it.
        public let workflow: String
        /// And its version.
        public let version: Int
        /// What it is doing, or how it ended.
        public let state: RunState
        /// Why it is in this state, for a person.
        public let reason: String?
        /// The code of its failure, for a program.
        public let code: String?
        /// What it cannot go on without; none once it has ended.
        public let waits: [Wait]
        /// How many rows it has journaled.
        public let rows: Int64
        /// The number of its last event.
        public let events: Int64
        /// What its steps have spent, in the smallest unit of money.
        public let spent: Int64
        /// The encoded output of a completed run; `result(_:as:)` decodes it.
        public let result: [UInt8]?
    }

    /// Where a run stands now; nil when there is none of this id.
    public func status(_ run: String) async throws -> Status? {
        try await read { journal in
            let waits = try journal.db.all(
                """
                SELECT path, kind, due FROM durable_journal
                WHERE run = (SELECT id FROM durable_run WHERE key = $1)
                    AND value IS NULL AND failure IS NULL AND input IS NULL
                ORDER BY n
                """, run
            ) { Status.Wait(path: $0.text(0), kind: $0.text(1), due: $0.int64OrNil(2)) }
            return try journal.db.first(
                """
                SELECT workflow, version, state, reason, code, rows, head, spent, result
                FROM durable_run WHERE key = $1
                """, run
            ) { row in
                let state = try RunState(journaled: row.text(2))
                return Status(
                    workflow: row.text(0), version: row.int(1), state: state,
                    reason: row.textOrNil(3), code: row.textOrNil(4),
                    waits: state.isFinal ? [] : waits, rows: row.int64(5), events: row.int64(6),
                    spent: row.int64(7), result: row.blobOrNil(8))
            }
        }
    }

    /// The output of a completed run; nil for every other.
    public func result<Output: Decodable>(
        _ run: String, as type: Output.Type
    ) async throws -> Output? {
        try await status(run)?.result.map { try Codec.decode(type, from: $0) }
    }

    /// The events after `seq`, in order and without gaps.
    public func events(
        _ run: String, after seq: Int64, limit: Int = 1_000
    ) async throws -> [LoggedEvent] {
        try await read { journal in
            try journal.db.all(
                """
                SELECT seq, at, kind, body FROM durable_event
                WHERE run = (SELECT id FROM durable_run WHERE key = $1) AND seq > $2
                ORDER BY seq LIMIT $3
                """, run, seq, max(limit, 0)
            ) {
                LoggedEvent(
                    seq: $0.int64(0), at: $0.int64(1), kind: $0.text(2), body: $0.blob(3))
            }
        }
    }

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

    /// Tells when to read on. The stream begins with a notice, so that what came before the
    /// watching is read, and ends when this engine records the run's end; a run that had ended is
    /// silent.
    public func watch(_ run: String) -> AsyncStream<Notice> { watchers.watch(run) }
}
