import Contracts
import Database
import MeshContract

/// What people say of runs.
struct CommentStore: Sendable {
    /// More than a person reads.
    static let most = 1_000

    static let migrations = [
        Migration(
            "comments",
            """
            CREATE TABLE comment (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                run TEXT NOT NULL,
                author TEXT NOT NULL,
                text TEXT NOT NULL,
                about TEXT,
                key TEXT,
                at INTEGER NOT NULL,
                UNIQUE (run, author, key)
            ) STRICT
            """,
            "CREATE INDEX comment_by_run ON comment (run, id)")
    ]

    let database: Database

    /// The same key of the same author answers with the first.
    func add(
        _ request: Orchestrator.AddComment, at now: Int64
    ) async throws -> Orchestrator.Comment {
        let author = request.author ?? request.user
        return try await database.transaction { db in
            if let key = request.key,
                let known = try db.first(
                    """
                    SELECT \(Self.columns) FROM comment
                    WHERE run = $1 AND author = $2 AND key = $3
                    """, request.run, author, key, read: Self.comment)
            {
                guard known.text == request.text, known.about == request.about else {
                    throw Fault(.conflict, "this Idempotency-Key was used for another comment")
                }
                return known
            }
            let count =
                try db.first(
                    "SELECT count(*) FROM comment WHERE run = $1", request.run
                ) { $0.int(0) } ?? 0
            guard count < Self.most else {
                throw Fault(
                    .capped, "a run has at most \(Self.most) comments", detail: "comments")
            }
            let made = try db.first(
                """
                INSERT INTO comment (run, author, text, about, key, at)
                VALUES ($1, $2, $3, $4, $5, $6) RETURNING \(Self.columns)
                """, request.run, author, request.text, request.about, request.key, now,
                read: Self.comment)
            guard let made else { throw Fault(.internal, "a comment was not kept") }
            return made
        }
    }

    /// Oldest first.
    func list(
        _ run: String, after: Int64?, limit: Int
    ) async throws -> [Orchestrator.Comment] {
        try await database.read { db in
            try db.all(
                """
                SELECT \(Self.columns) FROM comment WHERE run = $1 AND id > $2
                ORDER BY id LIMIT $3
                """, run, after ?? 0, limit, read: Self.comment)
        }
    }

    private static let columns = "id, run, author, text, about, at"

    private static func comment(_ row: Row) -> Orchestrator.Comment {
        Orchestrator.Comment(
            id: row.int64(0), run: row.text(1), author: row.text(2), text: row.text(3),
            about: row.textOrNil(4), at: row.int64(5))
    }
}
