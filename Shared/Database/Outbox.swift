public import SQLite

/// Messages that leave the service, written in the transaction that makes them true.
///
/// Who delivers reads on from the last number it has seen, at its own pace, and repeats after a
/// crash: delivery is at least once, in order. There is one writer, so numbers become visible in
/// their order and a reader never misses one.
public enum Outbox {
    /// One message.
    public struct Entry: Sendable, Equatable {
        /// Never used twice, even after a prune.
        public let seq: Int64
        /// Who it is for.
        public let topic: String
        /// Milliseconds since 1970.
        public let at: Int64
        /// As the caller encoded it.
        public let body: [UInt8]
    }

    /// Some of a topic's messages, and what there is to know of the rest.
    public struct Page: Sendable, Equatable {
        public let entries: [Entry]
        /// The last message that was pruned; nil for none. A reader that has not come so far has
        /// missed some for good, and must be told.
        public let pruned: Int64?
        /// The newest message that was ever written; 0 for none.
        public let newest: Int64
    }

    /// Belong in the list of every database that has an outbox.
    public static let migrations = [migration, pruning]

    /// What was pruned.
    public static let pruning = Migration(
        "outbox: what was pruned",
        "CREATE TABLE outbox_pruned (topic TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT")

    /// The messages.
    public static let migration = Migration(
        "outbox: entries",
        """
        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            topic TEXT NOT NULL,
            at INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX outbox_topic ON outbox (topic, seq)"
    )

    /// Adds a message and answers with its number.
    @discardableResult
    public static func append(
        topic: String, body: [UInt8], at: Int64, in db: Connection
    ) throws -> Int64 {
        try db.run(
            "INSERT INTO outbox (topic, at, body) VALUES ($1, $2, $3)", topic, at, body)
        return db.lastInsertedRow
    }

    /// One message that has no number yet.
    public struct Draft: Sendable {
        let body: [UInt8]
        let at: Int64

        /// `at` is in milliseconds since 1970.
        public init(body: [UInt8], at: Int64) { (self.body, self.at) = (body, at) }
    }

    /// How many rows one statement writes: its own cost is then little beside theirs.
    private static let rows = 32
    private static let manyRows =
        "INSERT INTO outbox (topic, at, body) VALUES "
        + (1...rows).map { "($1, $\($0 * 2), $\($0 * 2 + 1))" }.joined(separator: ", ")

    /// Adds messages, and answers with the number of the last; 0 for none.
    @discardableResult
    public static func append(
        topic: String, _ drafts: [Draft], in db: Connection
    ) throws -> Int64 {
        var last: Int64 = 0
        var rest = drafts[...]
        while rest.count >= rows {
            var values: [any Bindable] = [topic]
            for draft in rest.prefix(rows) { values += [draft.at, draft.body] as [any Bindable] }
            rest = rest.dropFirst(rows)
            try db.run(manyRows, values: values)
            last = db.lastInsertedRow
        }
        for draft in rest {
            last = try append(topic: topic, body: draft.body, at: draft.at, in: db)
        }
        return last
    }

    /// The messages after `seq`, in order, at most `limit`: of one topic, or of all.
    public static func read(
        after seq: Int64, topic: String? = nil, limit: Int = 1_000, in db: Connection
    ) throws -> [Entry] {
        let columns = "SELECT seq, topic, at, body FROM outbox"
        guard let topic else {
            return try db.all(
                "\(columns) WHERE seq > $1 ORDER BY seq LIMIT $2", seq, max(limit, 0), read: entry)
        }
        return try db.all(
            "\(columns) WHERE topic = $1 AND seq > $2 ORDER BY seq LIMIT $3", topic, seq,
            max(limit, 0), read: entry)
    }

    /// One look of a reader who is at `seq`, in one snapshot.
    public static func page(
        after seq: Int64, topic: String, limit: Int = 1_000, in db: Connection
    ) throws -> Page {
        let pruned = try db.first("SELECT seq FROM outbox_pruned WHERE topic = $1", topic) {
            $0.int64(0)
        }
        let kept = try db.first("SELECT MAX(seq) FROM outbox WHERE topic = $1", topic) {
            $0.int64OrNil(0)
        }
        return Page(
            entries: try read(after: seq, topic: topic, limit: limit, in: db), pruned: pruned,
            newest: max(pruned ?? 0, (kept ?? nil) ?? 0))
    }

    /// Forgets what everybody has read, and answers with how many that were.
    @discardableResult
    public static func prune(upTo seq: Int64, in db: Connection) throws -> Int {
        try db.run(
            """
            INSERT INTO outbox_pruned (topic, seq)
            SELECT topic, MAX(seq) FROM outbox WHERE seq <= $1 GROUP BY topic
            ON CONFLICT (topic) DO UPDATE SET seq = MAX(outbox_pruned.seq, excluded.seq)
            """, seq)
        return try db.run("DELETE FROM outbox WHERE seq <= $1", seq)
    }

    /// Forgets the oldest messages of a topic that were written before a moment, at most `limit`;
    /// answers with how many that were.
    @discardableResult
    public static func prune(
        before moment: Int64, topic: String, limit: Int = 1_000, in db: Connection
    ) throws -> Int {
        let last = try db.first(
            """
            SELECT MAX(seq) FROM (
                SELECT seq FROM outbox WHERE topic = $1 AND at < $2 ORDER BY seq LIMIT $3)
            """, topic, moment, max(limit, 0)
        ) { $0.int64OrNil(0) }
        guard let last = last ?? nil else { return 0 }
        try db.run(
            """
            INSERT INTO outbox_pruned (topic, seq) VALUES ($1, $2)
            ON CONFLICT (topic) DO UPDATE SET seq = MAX(outbox_pruned.seq, excluded.seq)
            """, topic, last)
        return try db.run("DELETE FROM outbox WHERE topic = $1 AND seq <= $2", topic, last)
    }

    private static func entry(_ row: Row) -> Entry {
        Entry(seq: row.int64(0), topic: row.text(1), at: row.int64(2), body: row.blob(3))
    }
}
