import Contracts
import Database
import MeshContract
import ServiceKit

/// Past executions by their keys, so that none happens twice.
struct ExecutionStore: Sendable {
    /// What to do with an order.
    enum Beginning: Sendable {
        case kept(Sandbox.Execution)
        case started(id: String, at: Int64)
    }

    let database: Database
    let ambient: Ambient

    static let migrations = [
        Migration(
            "sandbox: executions",
            """
            CREATE TABLE execution (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                key TEXT NOT NULL UNIQUE,
                fingerprint INTEGER NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('running', 'finished')),
                started_at INTEGER NOT NULL,
                exit_code INTEGER,
                signal INTEGER,
                standard_output BLOB NOT NULL,
                standard_error BLOB NOT NULL,
                is_truncated INTEGER NOT NULL CHECK (is_truncated IN (0, 1)),
                is_timed_out INTEGER NOT NULL CHECK (is_timed_out IN (0, 1)),
                is_out_of_memory INTEGER NOT NULL CHECK (is_out_of_memory IN (0, 1)),
                wall_milliseconds INTEGER NOT NULL CHECK (wall_milliseconds >= 0),
                CHECK (state = 'running' OR (exit_code IS NULL) <> (signal IS NULL))
            ) STRICT
            """,
            "CREATE INDEX execution_by_age ON execution (started_at)")
    ]

    /// Notes that the order runs from now on, or answers with what it came to before.
    ///
    /// A row that says `running` is of a process that died, as this process runs each key once at a
    /// time: what came of it is unknown, so it runs again under its old id.
    func begin(_ order: Order) async throws -> Beginning {
        let (fresh, now) = (ambient.makeID("exe"), ambient.now())
        return try await database.transaction { db in
            let known = try db.first(
                "SELECT id, fingerprint, state FROM execution WHERE key = $1", order.key
            ) { (id: $0.text(0), fingerprint: $0.int64(1), isFinished: $0.text(2) == "finished") }
            guard let known else {
                try Self.insert(fresh, order, at: now, in: db)
                return .started(id: fresh, at: now)
            }
            guard known.fingerprint == order.fingerprint else {
                throw Fault(.conflict, "the key was used for another command")
            }
            if known.isFinished, let kept = try Self.finished(known.id, in: db) {
                return .kept(kept)
            }
            try db.run("UPDATE execution SET started_at = $1 WHERE id = $2", now, known.id)
            return .started(id: known.id, at: now)
        }
    }

    /// Keeps what an execution came to.
    func finish(_ execution: Sandbox.Execution) async throws {
        try await database.transaction { db in
            try db.run(
                """
                UPDATE execution SET state = 'finished', exit_code = $1, signal = $2,
                    standard_output = $3, standard_error = $4, is_truncated = $5,
                    is_timed_out = $6, is_out_of_memory = $7, wall_milliseconds = $8
                WHERE id = $9
                """, execution.exitCode, execution.signal, Array(execution.standardOutput.utf8),
                Array(execution.standardError.utf8), execution.isTruncated, execution.isTimedOut,
                execution.isOutOfMemory, execution.wallMilliseconds, execution.id)
        }
    }

    /// Forgets an execution that never began, so that its key may be used again.
    func abandon(_ id: String) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM execution WHERE id = $1 AND state = 'running'", id)
        }
    }

    /// Finished ones, newest first, without their output.
    func list(limit: Int) async throws -> [Sandbox.Execution] {
        try await database.read { db in
            try db.all(
                """
                SELECT id, started_at, exit_code, signal, '', '', is_truncated, is_timed_out,
                    is_out_of_memory, wall_milliseconds
                FROM execution WHERE state = 'finished' ORDER BY number DESC LIMIT $1
                """, limit, read: Self.execution)
        }
    }

    /// Forgets what began before `time`, a bounded number at once; answers with how many.
    func removeOlder(than time: Int64) async throws -> Int {
        try await database.transaction { db in
            try db.run(
                """
                DELETE FROM execution WHERE number IN (
                    SELECT number FROM execution WHERE started_at < $1 ORDER BY number LIMIT 500)
                """, time)
        }
    }

    // MARK: Rows

    private static func insert(_ id: String, _ order: Order, at now: Int64, in db: Connection)
        throws
    {
        try db.run(
            """
            INSERT INTO execution
                (id, key, fingerprint, state, started_at, standard_output, standard_error,
                is_truncated, is_timed_out, is_out_of_memory, wall_milliseconds)
            VALUES ($1, $2, $3, 'running', $4, $5, $5, 0, 0, 0, 0)
            """, id, order.key, order.fingerprint, now, [UInt8]())
    }

    private static func finished(_ id: String, in db: Connection) throws -> Sandbox.Execution? {
        try db.first(
            """
            SELECT id, started_at, exit_code, signal, standard_output, standard_error,
                is_truncated, is_timed_out, is_out_of_memory, wall_milliseconds
            FROM execution WHERE id = $1
            """, id, read: execution)
    }

    private static func execution(_ row: Row) -> Sandbox.Execution {
        Sandbox.Execution(
            id: row.text(0), exitCode: row.intOrNil(2), signal: row.intOrNil(3),
            standardOutput: String(decoding: row.blob(4), as: UTF8.self),
            standardError: String(decoding: row.blob(5), as: UTF8.self),
            isTruncated: row.bool(6), isTimedOut: row.bool(7), isOutOfMemory: row.bool(8),
            wallMilliseconds: row.int(9), startedAt: row.int64(1))
    }
}
