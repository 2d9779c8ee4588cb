public import Database

extension Engine {
    /// Belongs in the list of the database that the engine is given.
    ///
    /// The triggers are the last assertion: a final state stays final and a journaled outcome stays
    /// as it is, whatever the code above believes.
    public static let migrations = [
        Migration(
            "durable: runs",
            """
            CREATE TABLE durable_engine (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                until INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE durable_run (
                id INTEGER PRIMARY KEY,
                key TEXT NOT NULL UNIQUE,
                workflow TEXT NOT NULL,
                version INTEGER NOT NULL,
                input BLOB NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('running', 'pausing', 'cancelling', 'waiting',
                    'paused', 'attention', 'completed', 'failed', 'cancelled')),
                owner INTEGER,
                fence INTEGER NOT NULL DEFAULT 0,
                crashes INTEGER NOT NULL DEFAULT 0,
                rows INTEGER NOT NULL DEFAULT 0,
                head INTEGER NOT NULL DEFAULT 0,
                woken INTEGER NOT NULL DEFAULT 0,
                spent INTEGER NOT NULL DEFAULT 0,
                spend_limit INTEGER NOT NULL,
                row_limit INTEGER NOT NULL,
                time_limit INTEGER NOT NULL,
                deadline INTEGER NOT NULL,
                parent INTEGER REFERENCES durable_run (id),
                parent_path TEXT,
                result BLOB,
                reason TEXT,
                code TEXT,
                CHECK ((state = 'completed') = (result IS NOT NULL)),
                CHECK ((parent IS NULL) = (parent_path IS NULL))
            ) STRICT
            """,
            """
            CREATE INDEX durable_run_live ON durable_run (owner)
                WHERE state IN ('running', 'pausing', 'cancelling')
            """,
            "CREATE INDEX durable_run_parent ON durable_run (parent) WHERE parent IS NOT NULL",
            """
            CREATE TABLE durable_journal (
                run INTEGER NOT NULL REFERENCES durable_run (id),
                path TEXT NOT NULL,
                n INTEGER NOT NULL,
                head INTEGER NOT NULL,
                kind TEXT NOT NULL,
                digest INTEGER NOT NULL,
                at INTEGER NOT NULL,
                due INTEGER,
                input BLOB,
                value BLOB,
                failure_code TEXT,
                failure TEXT,
                PRIMARY KEY (run, path),
                CHECK (value IS NULL OR failure IS NULL),
                CHECK ((failure_code IS NULL) = (failure IS NULL))
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE INDEX durable_journal_due ON durable_journal (due)
                WHERE due IS NOT NULL AND value IS NULL AND failure IS NULL
            """,
            """
            CREATE TABLE durable_event (
                run INTEGER NOT NULL REFERENCES durable_run (id),
                seq INTEGER NOT NULL,
                at INTEGER NOT NULL,
                kind TEXT NOT NULL,
                body BLOB NOT NULL,
                PRIMARY KEY (run, seq)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE durable_signal (
                id INTEGER PRIMARY KEY,
                run INTEGER NOT NULL REFERENCES durable_run (id),
                name TEXT NOT NULL,
                key TEXT NOT NULL,
                body BLOB NOT NULL,
                taken INTEGER NOT NULL DEFAULT 0,
                UNIQUE (run, key)
            ) STRICT
            """,
            """
            CREATE TRIGGER durable_final_stays BEFORE UPDATE OF state ON durable_run
                WHEN OLD.state IN ('completed', 'failed', 'cancelled')
                BEGIN SELECT RAISE(ABORT, 'a final state stays final'); END
            """,
            """
            CREATE TRIGGER durable_outcome_stays BEFORE UPDATE ON durable_journal
                WHEN OLD.value IS NOT NULL OR OLD.failure IS NOT NULL
                BEGIN SELECT RAISE(ABORT, 'an outcome stays'); END
            """
        ),
        Migration(
            "durable: lanes and lives",
            """
            CREATE TABLE durable_lane (
                id INTEGER PRIMARY KEY,
                queue TEXT NOT NULL,
                share TEXT NOT NULL,
                most INTEGER CHECK (most > 0),
                UNIQUE (queue, share)
            ) STRICT
            """,
            "INSERT INTO durable_lane (id, queue, share) VALUES (1, '', '')",
            "ALTER TABLE durable_run ADD COLUMN lane INTEGER NOT NULL DEFAULT 1",
            "ALTER TABLE durable_run ADD COLUMN life INTEGER NOT NULL DEFAULT 1",
            "ALTER TABLE durable_run ADD COLUMN repeat_limit INTEGER NOT NULL DEFAULT 20",
            "ALTER TABLE durable_run ADD COLUMN repeat_floor INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE durable_run ADD COLUMN failed_path TEXT",
            "ALTER TABLE durable_run ADD COLUMN origin TEXT",
            "ALTER TABLE durable_run ADD COLUMN origin_path TEXT",
            // 0 is shared with forks and retries; 1 was done by this life; 2 is to be done by it.
            """
            ALTER TABLE durable_journal ADD COLUMN own INTEGER NOT NULL DEFAULT 0
                CHECK (own IN (0, 1, 2))
            """,
            "ALTER TABLE durable_journal ADD COLUMN question BLOB",
            "DROP INDEX durable_run_live",
            """
            CREATE INDEX durable_run_live ON durable_run (owner, lane)
                WHERE state IN ('running', 'pausing', 'cancelling')
            """,
            """
            CREATE INDEX durable_run_ready ON durable_run (lane, id)
                WHERE owner IS NULL AND state IN ('running', 'pausing', 'cancelling')
            """,
            """
            CREATE INDEX durable_run_ending ON durable_run (id)
                WHERE owner IS NULL AND state = 'cancelling'
            """,
            "DROP TRIGGER durable_final_stays",
            // A failed run may be given a new life; nothing that completed or was cancelled is.
            """
            CREATE TRIGGER durable_final_stays BEFORE UPDATE OF state ON durable_run
                WHEN OLD.state IN ('completed', 'cancelled') OR (OLD.state = 'failed'
                    AND NOT (NEW.state = 'running' AND NEW.life = OLD.life + 1))
                BEGIN SELECT RAISE(ABORT, 'a final state stays final'); END
            """
        ),
        Migration(
            "durable: where a retry begins",
            // Nil for the step that failed.
            "ALTER TABLE durable_journal ADD COLUMN retry_from TEXT"
        ),
    ]
}
