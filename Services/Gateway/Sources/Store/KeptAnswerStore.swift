import Database

/// Answers to requests with an `Idempotency-Key`, sealed.
struct KeptAnswerStore: Sendable {
    static let migrations = [
        Migration(
            "surface: kept answers",
            """
            CREATE TABLE kept_answer (
                subject TEXT NOT NULL,
                key TEXT NOT NULL,
                fingerprint BLOB NOT NULL,
                sealed BLOB NOT NULL,
                bytes INTEGER NOT NULL,
                kept_at INTEGER NOT NULL,
                PRIMARY KEY (subject, key)
            ) STRICT
            """,
            "CREATE INDEX kept_answer_age ON kept_answer (kept_at)",
            "CREATE INDEX kept_answer_subject ON kept_answer (subject, kept_at)")
    ]

    struct Row: Sendable {
        /// Whose key it is.
        var subject: String
        var key: String
        var fingerprint: [UInt8]
        var sealed: [UInt8]
        var keptAt: Int64
    }

    /// What one subject may have kept.
    struct Room: Sendable {
        var answers = 1_000
        var bytes = 16 << 20
    }

    let database: Database

    /// Only what was kept after `cutoff` counts.
    func find(_ subject: String, _ key: String, after cutoff: Int64) async throws -> Row? {
        try await database.read { db in
            try db.first(
                """
                SELECT fingerprint, sealed, kept_at FROM kept_answer
                WHERE subject = $1 AND key = $2 AND kept_at > $3
                """, subject, key, cutoff
            ) {
                Row(
                    subject: subject, key: key, fingerprint: $0.blob(0), sealed: $0.blob(1),
                    keptAt: $0.int64(2))
            }
        }
    }

    /// Keeps an answer in the place of an outdated one. The subject's oldest make room for it.
    func keep(_ row: Row, within room: Room) async throws {
        try await database.transaction { db in
            try db.run(
                """
                INSERT INTO kept_answer (subject, key, fingerprint, sealed, bytes, kept_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (subject, key) DO UPDATE
                SET fingerprint = $3, sealed = $4, bytes = $5, kept_at = $6
                """, row.subject, row.key, row.fingerprint, row.sealed, row.sealed.count,
                row.keptAt)
            try db.run(
                """
                DELETE FROM kept_answer WHERE subject = $1 AND key IN (
                    SELECT key FROM (
                        SELECT key, row_number() OVER age AS place, sum(bytes) OVER age AS total
                        FROM kept_answer WHERE subject = $1
                        WINDOW age AS (ORDER BY kept_at DESC, key)
                    ) WHERE place > $2 OR (place > 1 AND total > $3))
                """, row.subject, room.answers, room.bytes)
        }
    }

    /// Forgets what was kept until `cutoff`, and the oldest of all past so many bytes.
    func sweep(until cutoff: Int64, bytes: Int) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM kept_answer WHERE kept_at <= $1", cutoff)
            let total =
                try db.first("SELECT coalesce(sum(bytes), 0) FROM kept_answer") { $0.int(0) } ?? 0
            guard total > bytes else { return }
            try db.run(
                """
                DELETE FROM kept_answer WHERE rowid IN (
                    SELECT rowid FROM (
                        SELECT rowid, sum(bytes) OVER (ORDER BY kept_at DESC, rowid) AS total
                        FROM kept_answer
                    ) WHERE total > $1)
                """, bytes)
        }
    }

    /// How many are kept.
    func count() async throws -> Int {
        try await database.read { db in
            try db.first("SELECT count(*) FROM kept_answer") { $0.int(0) } ?? 0
        }
    }
}
