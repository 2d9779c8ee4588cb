import Database

/// Buckets of the rate limits over a restart.
struct RateStore: Sendable {
    static let migrations = [
        Migration(
            "surface: rate limits",
            """
            CREATE TABLE rate_bucket (
                key TEXT NOT NULL PRIMARY KEY,
                full_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """)
    ]

    let database: Database

    func keep(_ buckets: [RateBuckets.Kept]) async throws {
        guard !buckets.isEmpty else { return }
        try await database.transaction { db in
            for bucket in buckets {
                try db.run(
                    """
                    INSERT INTO rate_bucket (key, full_at) VALUES ($1, $2)
                    ON CONFLICT (key) DO UPDATE SET full_at = $2
                    """, bucket.key, bucket.fullAt)
            }
        }
    }

    /// Those that are not full yet; the others are forgotten.
    func open(at now: Int64, limit: Int) async throws -> [RateBuckets.Kept] {
        try await database.transaction { db in
            try db.run("DELETE FROM rate_bucket WHERE full_at <= $1", now)
            return try db.all("SELECT key, full_at FROM rate_bucket LIMIT $1", limit) {
                RateBuckets.Kept(key: $0.text(0), fullAt: $0.int64(1))
            }
        }
    }

    func forget(fullBefore now: Int64) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM rate_bucket WHERE full_at <= $1", now)
        }
    }
}
