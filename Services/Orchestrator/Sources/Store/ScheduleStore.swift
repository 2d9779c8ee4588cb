import Contracts
import Database
import Durable
import MeshContract
import Wire

/// What is to be run by the clock. The next moment of each schedule is a column: who fires it moves
/// it on, once.
struct ScheduleStore: Sendable {
    static let migrations = [
        Migration(
            "schedules",
            """
            CREATE TABLE schedule (
                id TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                title TEXT NOT NULL,
                key TEXT,
                cron TEXT NOT NULL,
                zone TEXT NOT NULL,
                overlap TEXT NOT NULL CHECK (overlap IN ('skip', 'allow')),
                studio TEXT NOT NULL,
                request BLOB NOT NULL,
                paused INTEGER NOT NULL DEFAULT 0,
                next_at INTEGER NOT NULL,
                last_at INTEGER,
                last_run TEXT,
                last_error TEXT,
                runs INTEGER NOT NULL DEFAULT 0,
                created_at INTEGER NOT NULL,
                UNIQUE (owner, key)
            ) STRICT
            """,
            "CREATE INDEX schedule_by_user ON schedule (owner, id)",
            "CREATE INDEX schedule_next ON schedule (next_at) WHERE paused = 0"),
        Migration("schedules: templates", "ALTER TABLE schedule ADD COLUMN template TEXT"),
    ]

    struct Record: Sendable {
        var schedule: Orchestrator.Schedule
        var owner: String
        /// What is to be made at each moment, encoded.
        var request: [UInt8]
    }

    let database: Database

    /// The same key of the same user answers with the first.
    func insert(_ record: Record, key: String?, atMost limit: Int) async throws -> Record {
        try await database.transaction { db in
            let (schedule, owner) = (record.schedule, record.owner)
            if let key, let known = try Self.find(owner, key: key, in: db) {
                let isSame =
                    known.request == record.request && known.schedule.cron == schedule.cron
                    && known.schedule.zone == schedule.zone
                guard isSame else {
                    throw Fault(.conflict, "this Idempotency-Key was used for another request")
                }
                return known
            }
            let count = try db.first("SELECT count(*) FROM schedule WHERE owner = $1", owner) {
                $0.int(0)
            }
            guard count ?? 0 < limit else {
                throw Fault(.capped, "there are \(limit) schedules at most", detail: "schedules")
            }
            try db.run(
                """
                INSERT INTO schedule (id, owner, title, key, cron, zone, overlap, studio, request,
                    next_at, created_at, template)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                """, schedule.id, owner, schedule.title, key, schedule.cron, schedule.zone,
                schedule.overlap, schedule.studio, record.request, schedule.nextAt,
                schedule.createdAt, schedule.template)
            return record
        }
    }

    func list(_ owner: String) async throws -> [Orchestrator.Schedule] {
        try await database.read { db in
            try db.all(
                "SELECT \(Self.columns) FROM schedule WHERE owner = $1 ORDER BY id DESC", owner,
                read: Self.record
            ).map(\.schedule)
        }
    }

    func find(_ id: String, _ owner: String) async throws -> Record {
        try await database.read { try Self.find(id, owner, in: $0) }
    }

    /// Changes a schedule as `change` says, in one transaction.
    func update(
        _ id: String, _ owner: String,
        _ change: @escaping @Sendable (inout Orchestrator.Schedule) throws -> Void
    ) async throws -> Record {
        try await database.transaction { db in
            var record = try Self.find(id, owner, in: db)
            try change(&record.schedule)
            let now = record.schedule
            try db.run(
                """
                UPDATE schedule SET title = $2, cron = $3, zone = $4, overlap = $5, paused = $6,
                    next_at = $7 WHERE id = $1
                """, id, now.title, now.cron, now.zone, now.overlap, now.isPaused, now.nextAt)
            return record
        }
    }

    func delete(_ id: String, _ owner: String) async throws {
        let count = try await database.transaction { db in
            try db.run("DELETE FROM schedule WHERE id = $1 AND owner = $2", id, owner)
        }
        guard count == 1 else { throw Self.absent(id) }
    }

    /// The schedules whose moment has come, the longest overdue first.
    func due(at now: Int64, limit: Int) async throws -> [Record] {
        try await database.read { db in
            try db.all(
                """
                SELECT \(Self.columns) FROM schedule WHERE paused = 0 AND next_at <= $1
                ORDER BY next_at LIMIT $2
                """, now, limit, read: Self.record)
        }
    }

    /// Notes what became of a moment and moves on, unless somebody has done so.
    func advance(
        _ id: String, from moment: Int64, to next: Int64, run: String?, error: String?
    ) async throws {
        try await database.transaction { db in
            try db.run(
                """
                UPDATE schedule SET next_at = $3, last_at = $2, last_run = coalesce($4, last_run),
                    last_error = $5, runs = runs + CASE WHEN $4 IS NULL THEN 0 ELSE 1 END
                WHERE id = $1 AND next_at = $2
                """, id, moment, next, run, error)
        }
    }

    // MARK: Rows

    private static let columns = """
        id, title, cron, zone, overlap, studio, paused, next_at, last_at, last_run, last_error,
        runs, created_at, owner, request, template
        """

    private static func find(
        _ id: String, _ owner: String, in db: Connection
    ) throws -> Record {
        let record = try db.first(
            "SELECT \(columns) FROM schedule WHERE id = $1 AND owner = $2", id, owner,
            read: record)
        guard let record else { throw absent(id) }
        return record
    }

    private static func find(_ owner: String, key: String, in db: Connection) throws -> Record? {
        try db.first(
            "SELECT \(columns) FROM schedule WHERE owner = $1 AND key = $2", owner, key,
            read: record)
    }

    private static func absent(_ id: String) -> Fault {
        Fault(.notFound, "no schedule \(id.prefix(100))")
    }

    private static func record(_ row: Row) -> Record {
        let schedule = Orchestrator.Schedule(
            id: row.text(0), title: row.text(1), cron: row.text(2), zone: row.text(3),
            overlap: row.text(4), studio: row.text(5), isPaused: row.bool(6),
            nextAt: row.int64(7), lastAt: row.int64OrNil(8), lastRun: row.textOrNil(9),
            lastError: row.textOrNil(10), runs: row.int(11), createdAt: row.int64(12),
            template: row.textOrNil(15))
        return Record(schedule: schedule, owner: row.text(13), request: row.blob(14))
    }
}
