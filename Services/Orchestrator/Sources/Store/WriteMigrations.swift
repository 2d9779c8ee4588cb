import Database

/// The tables of the Write studio beside the runs.
enum WriteMigrations {
    /// Append only: a released entry is never edited.
    static let all = [
        Migration(
            "write: what people do",
            """
            CREATE TABLE session_act (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                run TEXT NOT NULL,
                at INTEGER NOT NULL,
                body BLOB NOT NULL,
                bytes INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX session_act_by_run ON session_act (run, number)",
            """
            CREATE TABLE session_closed (
                run TEXT NOT NULL PRIMARY KEY
            ) STRICT
            """),
        Migration(
            "write: templates",
            """
            CREATE TABLE template (
                id TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                key TEXT,
                latest INTEGER NOT NULL CHECK (latest > 0),
                created_at INTEGER NOT NULL,
                UNIQUE (owner, key)
            ) STRICT
            """,
            "CREATE INDEX template_by_owner ON template (owner, id)",
            """
            CREATE TABLE template_version (
                template TEXT NOT NULL REFERENCES template (id) ON DELETE CASCADE,
                version INTEGER NOT NULL,
                document TEXT NOT NULL,
                at INTEGER NOT NULL,
                PRIMARY KEY (template, version)
            ) STRICT, WITHOUT ROWID
            """),
    ]
}
