import Database

extension RunStore {
    /// Append only: a released entry is never edited.
    static let migrations = [
        Migration(
            "runs",
            """
            CREATE TABLE run (
                id TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                studio TEXT NOT NULL,
                title TEXT NOT NULL,
                key TEXT,
                request BLOB NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'waiting', 'paused',
                    'completed', 'failed', 'cancelled', 'needs_attention')),
                turns_planned INTEGER NOT NULL,
                turns_done INTEGER NOT NULL,
                current_step TEXT,
                error TEXT,
                stop_reason TEXT,
                created_at INTEGER NOT NULL,
                started_at INTEGER,
                ended_at INTEGER,
                cost INTEGER NOT NULL,
                last_seq INTEGER NOT NULL,
                UNIQUE (owner, key)
            ) STRICT
            """,
            "CREATE INDEX run_by_user ON run (owner, id)",
            """
            CREATE INDEX run_open ON run (owner)
                WHERE state NOT IN ('completed', 'failed', 'cancelled')
            """),
        Migration(
            "runs: gates, forks and limits",
            "ALTER TABLE run ADD COLUMN waiting_for TEXT",
            "ALTER TABLE run ADD COLUMN forked_from TEXT",
            "ALTER TABLE run ADD COLUMN forked_at TEXT",
            "ALTER TABLE run ADD COLUMN spend_limit INTEGER",
            "ALTER TABLE run ADD COLUMN seconds_limit INTEGER"),
        Migration(
            "runs: workspaces", "ALTER TABLE run ADD COLUMN workspace TEXT",
            """
            CREATE INDEX run_by_workspace ON run (workspace, id) WHERE workspace IS NOT NULL
            """),
        Migration("runs: projects", "ALTER TABLE run ADD COLUMN project TEXT"),
    ]
}
