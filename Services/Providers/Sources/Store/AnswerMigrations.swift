import Database

extension AnswerStore {
    static let migrations = [
        Migration(
            "providers: kept answers",
            """
            CREATE TABLE answer (
                key TEXT PRIMARY KEY,
                digest TEXT NOT NULL,
                user_id TEXT NOT NULL,
                run_id TEXT NOT NULL,
                agent TEXT NOT NULL,
                provider TEXT NOT NULL,
                model TEXT NOT NULL,
                is_offline INTEGER NOT NULL CHECK (is_offline IN (0, 1)),
                attempt INTEGER NOT NULL CHECK (attempt > 0),
                state TEXT NOT NULL
                    CHECK (state IN ('generating', 'completed', 'failed', 'cancelled')),
                epoch TEXT NOT NULL,
                text TEXT,
                newest_at INTEGER NOT NULL DEFAULT 0,
                stop_reason TEXT,
                input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
                output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
                cached_tokens INTEGER NOT NULL DEFAULT 0 CHECK (cached_tokens >= 0),
                is_estimated INTEGER NOT NULL DEFAULT 0 CHECK (is_estimated IN (0, 1)),
                cost_micro_usd INTEGER,
                fault BLOB,
                started_at INTEGER NOT NULL,
                ended_at INTEGER,
                CHECK ((state = 'generating') = (ended_at IS NULL)),
                CHECK (state <> 'completed' OR stop_reason IS NOT NULL)
            ) STRICT
            """,
            "CREATE INDEX answer_kept ON answer (ended_at) WHERE text IS NOT NULL"
        ),
        Outbox.migration,
        Outbox.pruning,
    ]

    static let billionths = Migration(
        "providers: costs in billionths, and users' own keys",
        "ALTER TABLE answer ADD COLUMN cost_nano_usd INTEGER",
        "ALTER TABLE answer ADD COLUMN is_own_key INTEGER CHECK (is_own_key IN (0, 1))"
    )
}
