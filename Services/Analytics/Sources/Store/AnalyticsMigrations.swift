import Database

extension AnalyticsStore {
    /// Append only.
    static let migrations = [
        Migration(
            "analytics: usage, its sums and the feeds' cursors",
            """
            CREATE TABLE usage (
                seq INTEGER PRIMARY KEY CHECK (seq > 0),
                at INTEGER NOT NULL,
                user_id TEXT NOT NULL,
                run TEXT NOT NULL,
                agent TEXT NOT NULL,
                provider TEXT NOT NULL,
                model TEXT NOT NULL,
                offline INTEGER NOT NULL CHECK (offline IN (0, 1)),
                outcome TEXT NOT NULL,
                failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
                duration INTEGER NOT NULL CHECK (duration >= 0),
                input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0),
                output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
                cached_tokens INTEGER NOT NULL CHECK (cached_tokens >= 0),
                estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
                cost INTEGER CHECK (cost >= 0)
            ) STRICT
            """,
            "CREATE INDEX usage_at ON usage (at)",
            """
            CREATE TABLE rollup (
                day INTEGER NOT NULL,
                user_id TEXT NOT NULL,
                run TEXT NOT NULL,
                provider TEXT NOT NULL,
                model TEXT NOT NULL,
                turns INTEGER NOT NULL CHECK (turns > 0),
                failures INTEGER NOT NULL CHECK (failures BETWEEN 0 AND turns),
                input_tokens INTEGER NOT NULL,
                output_tokens INTEGER NOT NULL,
                cost INTEGER NOT NULL,
                duration INTEGER NOT NULL,
                PRIMARY KEY (day, user_id, run, provider, model)
            ) STRICT
            """,
            "CREATE INDEX rollup_user ON rollup (user_id, day)",
            "CREATE INDEX rollup_run ON rollup (run, day)",
            "CREATE TABLE feed (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT"),
        Migration(
            "analytics: sums by project",
            "ALTER TABLE usage ADD COLUMN project TEXT NOT NULL DEFAULT ''",
            """
            CREATE TABLE sums (
                day INTEGER NOT NULL,
                user_id TEXT NOT NULL,
                run TEXT NOT NULL,
                provider TEXT NOT NULL,
                model TEXT NOT NULL,
                project TEXT NOT NULL DEFAULT '',
                turns INTEGER NOT NULL CHECK (turns > 0),
                failures INTEGER NOT NULL CHECK (failures BETWEEN 0 AND turns),
                input_tokens INTEGER NOT NULL,
                output_tokens INTEGER NOT NULL,
                cost INTEGER NOT NULL,
                duration INTEGER NOT NULL,
                PRIMARY KEY (day, user_id, run, provider, model, project)
            ) STRICT
            """,
            """
            INSERT INTO sums (day, user_id, run, provider, model, turns, failures, input_tokens,
                output_tokens, cost, duration)
            SELECT day, user_id, run, provider, model, turns, failures, input_tokens,
                output_tokens, cost, duration
            FROM rollup
            """,
            "DROP TABLE rollup",
            "ALTER TABLE sums RENAME TO rollup",
            "CREATE INDEX rollup_user ON rollup (user_id, day)",
            "CREATE INDEX rollup_run ON rollup (run, day)"),
    ]
}
