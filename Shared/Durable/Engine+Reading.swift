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
            /// What it is called in the code.
            public var name: String { String(Path.name(path)) }
            /// When it ends by itself, in milliseconds since 1970.
            public let due: Int64?
        }

        /// The id under which it was started, with a number from its first retry on; see
        /// `Run.lifeID`.
        public let lifeID: String
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
        /// What it may use.
        public let limits: Limits
        /// When its time is over, in milliseconds since 1970.
        public let deadline: Int64
        /// From 1; each retry is a new life.
        public let life: Int64
        /// The run and the step that it was forked from.
        public let origin: Origin?
        /// The step that a failed run failed at, where it was one.
        public let failedStep: String?
        /// The encoded output of a completed run; `result(_:as:)` decodes it.
        public let result: [UInt8]?
    }

    /// Where a fork comes from.
    public struct Origin: Sendable, Equatable {
        /// The run that it shares its beginning with.
        public let run: String
        /// Where they part.
        public let step: String
    }

    /// Where a run stands now; nil when there is none of this id.
    public func status(_ run: String) async throws -> Status? {
        try await read { journal in
            let waits = try journal.db.all(
                """
                SELECT path, kind, due FROM durable_journal
                WHERE run = (SELECT id FROM durable_run WHERE key = $1)
                    AND value IS NULL AND failure IS NULL AND input IS NULL AND own <> 2
                ORDER BY n
                """, run
            ) { Status.Wait(path: $0.text(0), kind: $0.text(1), due: $0.int64OrNil(2)) }
            return try journal.db.first(
                """
                SELECT workflow, version, state, reason, code, rows, head, spent, spend_limit,
                    row_limit, time_limit, repeat_limit, deadline, life, origin, origin_path,
                    failed_path, result
                FROM durable_run WHERE key = $1
                """, run
            ) { try Engine.status(run, $0, waits) }
        }
    }

    private static func status(
        _ run: String, _ row: Row, _ waits: [Status.Wait]
    ) throws -> Status {
        let state = try RunState(journaled: row.text(2))
        let limits = Limits(
            spend: row.int64(8), rows: row.int64(9), time: .milliseconds(row.int64(10)),
            repeats: row.int64(11))
        let failedStep = row.text(16)
        let life = row.int64(13)
        return Status(
            lifeID: Claim.lifeID(run, life), workflow: row.text(0), version: row.int(1),
            state: state, reason: row.textOrNil(3),
            code: row.textOrNil(4), waits: state.isFinal ? [] : waits, rows: row.int64(5),
            events: row.int64(6), spent: row.int64(7), limits: limits, deadline: row.int64(12),
            life: life,
            origin: row.textOrNil(14).map { Origin(run: $0, step: row.text(15)) },
            failedStep: failedStep.isEmpty ? nil : failedStep, result: row.blobOrNil(17))
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
                """, run, seq, max(limit, 0), read: LoggedEvent.init)
        }
    }

    /// Tells when to read on. The stream begins with a notice, so that what came before the
    /// watching is read, and ends when this engine records the run's end; a run that had ended is
    /// silent.
    public func watch(_ run: String) -> AsyncStream<Notice> { watchers.watch(run) }
}
