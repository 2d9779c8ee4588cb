import Database

/// The audit log's table. Entries are added and, when they are old enough, forgotten from the oldest
/// on; the table itself refuses every other change.
struct AuditStore: Sendable {
    struct Entry: Sendable, Equatable {
        var seq: Int64
        /// Wall milliseconds.
        var at: Int64
        var actor: String
        var key: String?
        var action: String
        var target: String?
        var address: String
        var request: String
        var outcome: String
        var detail: String?
    }

    /// Which entries are asked for; nil for any.
    struct Filter: Sendable {
        var actor: String?
        var action: String?
        var target: String?
        var outcome: String?
        /// Entries before this number.
        var before: Int64?
    }

    static let migration = Migration(
        "audit log",
        """
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            api_key TEXT,
            action TEXT NOT NULL,
            target TEXT,
            address TEXT NOT NULL,
            request TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
            detail TEXT
        ) STRICT
        """,
        "CREATE INDEX audit_actor ON audit (actor, seq)",
        """
        CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END
        """,
        """
        CREATE TRIGGER audit_oldest_first BEFORE DELETE ON audit
        WHEN EXISTS (SELECT 1 FROM audit WHERE seq < OLD.seq)
        BEGIN SELECT RAISE(ABORT, 'the audit log ends at its oldest entry only'); END
        """)

    let database: Database

    func append(_ entry: Entry) async throws {
        try await database.transaction { try entry.write(in: $0) }
    }

    /// Newest first.
    func list(_ filter: Filter, limit: Int) async throws -> [Entry] {
        try await database.read { db in
            try db.all(
                """
                SELECT seq, at, actor, api_key, action, target, address, request, outcome, detail
                FROM audit
                WHERE ($1 IS NULL OR actor = $1) AND ($2 IS NULL OR action = $2)
                    AND ($3 IS NULL OR target = $3) AND ($4 IS NULL OR outcome = $4)
                    AND ($5 IS NULL OR seq < $5)
                ORDER BY seq DESC LIMIT $6
                """, filter.actor, filter.action, filter.target, filter.outcome, filter.before,
                limit
            ) { row in
                Entry(
                    seq: row.int64(0), at: row.int64(1), actor: row.text(2), key: row.textOrNil(3),
                    action: row.text(4), target: row.textOrNil(5), address: row.text(6),
                    request: row.text(7), outcome: row.text(8), detail: row.textOrNil(9))
            }
        }
    }

    /// Forgets some of what is older than `before`, and of what is more than `most`. False when there
    /// is no more to forget.
    func forget(before: Int64, most: Int) async throws -> Bool {
        try await database.transaction { db in
            let ends = try db.first("SELECT min(seq), max(seq) FROM audit") {
                (first: $0.int64OrNil(0), last: $0.int64OrNil(1))
            }
            guard let first = ends?.first, let last = ends?.last else { return false }
            for seq in first..<(first + 200) where seq <= last {
                let isOver =
                    try db.first("SELECT at FROM audit WHERE seq = $1", seq) {
                        $0.int64(0) < before || last - seq >= Int64(most)
                    } ?? true
                guard isOver else { return false }
                try db.run("DELETE FROM audit WHERE seq = $1", seq)
            }
            return true
        }
    }
}

extension AuditStore.Entry {
    /// In the transaction of what it tells: neither is there without the other.
    func write(in db: Connection) throws {
        try db.run(
            """
            INSERT INTO audit (at, actor, api_key, action, target, address, request, outcome,
                detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, at, actor, key, action, target, address, request, outcome, detail)
    }
}
