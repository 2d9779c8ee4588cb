public import SQLite

/// How far the logs of other services have been read: moved in the transaction that keeps what was
/// read, so that a crash at any moment neither loses an entry nor takes one twice.
public enum FeedCursor {
    /// Belongs in the list of every database that follows a log, unless one of its own makes the
    /// same table.
    public static let migration = Migration(
        "feed: cursors", "CREATE TABLE feed (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT")

    /// The last number taken of a log; 0 for none.
    public static func read(_ name: String, in db: Connection) throws -> Int64 {
        try db.first("SELECT seq FROM feed WHERE name = $1", name) { $0.int64(0) } ?? 0
    }

    public static func move(_ name: String, to seq: Int64, in db: Connection) throws {
        try db.run(
            """
            INSERT INTO feed (name, seq) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET seq = excluded.seq
            """, name, seq)
    }
}
