import Database
import MeshContract

/// What people are told: which notices there are, who has read them, what became of them as e-mails.
struct NoticeStore: Sendable {
    /// Notices that are kept of one user, and for how long.
    static let mostOfAccount = 500
    static let keptFor: Int64 = 90 * 86_400_000

    static let migrations = [
        FeedCursor.migration,
        Migration(
            "notices",
            """
            CREATE TABLE notice (
                seq INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE,
                account TEXT NOT NULL REFERENCES account (id),
                kind TEXT NOT NULL,
                run TEXT,
                workspace TEXT,
                title TEXT NOT NULL,
                text TEXT NOT NULL,
                at INTEGER NOT NULL,
                kept_at INTEGER NOT NULL,
                read_at INTEGER,
                in_app INTEGER NOT NULL CHECK (in_app IN (0, 1)),
                email TEXT NOT NULL CHECK (email IN ('none', 'waiting', 'sent', 'failed', 'limited')),
                mail TEXT,
                attempts INTEGER NOT NULL DEFAULT 0,
                next_at INTEGER,
                CHECK ((email = 'waiting') = (next_at IS NOT NULL))
            ) STRICT
            """,
            "CREATE INDEX notice_account ON notice (account, seq)",
            "CREATE INDEX notice_age ON notice (kept_at)",
            "CREATE INDEX notice_due ON notice (next_at) WHERE next_at IS NOT NULL",
            """
            CREATE TABLE notice_person (
                account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
                mails_since INTEGER NOT NULL DEFAULT 0,
                mails INTEGER NOT NULL DEFAULT 0,
                credits_due INTEGER,
                credits_told INTEGER NOT NULL DEFAULT 0
            ) STRICT
            """,
            """
            CREATE INDEX notice_person_due ON notice_person (credits_due)
                WHERE credits_due IS NOT NULL
            """),
    ]

    let database: Database

    /// Newest first, after the one that a cursor names.
    func list(of account: String, after cursor: String?, limit: Int) async throws -> [Notice] {
        try await database.read { db in
            var before = Int64.max
            if let cursor {
                guard let seq = try Self.seq(of: cursor, account, in: db) else {
                    throw Fault(.invalid, "?cursor= takes a page's next_cursor")
                }
                before = seq
            }
            return try db.all(
                """
                SELECT id, kind, run, title, text, at, read_at, email FROM notice
                WHERE account = $1 AND seq < $2 AND in_app = 1 AND \(Self.visible)
                ORDER BY seq DESC LIMIT $3
                """, account, before, limit, read: Self.notice)
        }
    }

    func unread(of account: String) async throws -> Int {
        try await database.read { try Self.unread(of: account, in: $0) }
    }

    /// Marks what was there up to a notice, or all, and answers with how many are left.
    func read(of account: String, upTo id: String?, at now: Int64) async throws -> Int {
        try await database.transaction { db in
            var last = Int64.max
            if let id {
                guard let seq = try Self.seq(of: id, account, in: db) else {
                    throw Fault(.notFound, "no notice \(id.prefix(100))")
                }
                last = seq
            }
            try db.run(
                """
                UPDATE notice SET read_at = $3
                WHERE account = $1 AND seq <= $2 AND read_at IS NULL AND in_app = 1
                """, account, last, now)
            return try Self.unread(of: account, in: db)
        }
    }

    /// Forgets the oldest, at most so many at once; answers with how many those were.
    func forget(keptBefore moment: Int64, atOnce: Int = 1_000) async throws -> Int {
        try await database.transaction { db in
            try db.run(
                """
                DELETE FROM notice
                WHERE seq IN (SELECT seq FROM notice WHERE kept_at < $1 LIMIT $2)
                """, moment, atOnce)
        }
    }

    // MARK: Parts

    /// A run of a workspace is its members' to see, also for who made it; where the workspace is gone, it
    /// is who made it alone.
    static let visible = """
        (notice.workspace IS NULL
            OR EXISTS (SELECT 1 FROM workspace_member AS own
                WHERE own.workspace = notice.workspace AND own.account = notice.account)
            OR NOT EXISTS (SELECT 1 FROM workspace AS there WHERE there.id = notice.workspace))
        """

    private static func seq(
        of id: String, _ account: String, in db: Connection
    ) throws -> Int64? {
        try db.first(
            "SELECT seq FROM notice WHERE id = $1 AND account = $2 AND in_app = 1", id, account
        ) { $0.int64(0) }
    }

    private static func unread(of account: String, in db: Connection) throws -> Int {
        try db.first(
            """
            SELECT count(*) FROM notice
            WHERE account = $1 AND read_at IS NULL AND in_app = 1 AND \(visible)
            """, account
        ) { $0.int(0) } ?? 0
    }

    static func notice(_ row: Row) -> Notice {
        Notice(
            id: row.text(0), kind: row.text(1), run: row.textOrNil(2), title: row.text(3),
            text: row.text(4), at: row.int64(5), readAt: row.int64OrNil(6), email: row.text(7))
    }
}
