import Database

/// The forms of `storage.db`, in their order.
enum StorageMigrations {
    static let all = [
        Migration(
            "storage: blobs and artifacts",
            """
            CREATE TABLE blob (
                sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
                bytes INTEGER NOT NULL CHECK (bytes >= 0),
                created_at INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE artifact (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                key TEXT NOT NULL UNIQUE,
                owner TEXT NOT NULL CHECK (owner <> ''),
                run TEXT CHECK (run <> ''),
                scope TEXT NOT NULL,
                name TEXT NOT NULL CHECK (name <> ''),
                version INTEGER NOT NULL CHECK (version > 0),
                content_type TEXT NOT NULL,
                sha256 TEXT NOT NULL REFERENCES blob (sha256),
                created_at INTEGER NOT NULL,
                UNIQUE (scope, name, version)
            ) STRICT
            """,
            "CREATE INDEX artifact_by_run ON artifact (run, number)",
            "CREATE INDEX artifact_by_content ON artifact (sha256)"),
        Migration(
            "storage: uploads, authors, links, quotas, retention",
            "ALTER TABLE blob ADD COLUMN pieces BLOB",
            "ALTER TABLE artifact ADD COLUMN author TEXT",
            "CREATE INDEX artifact_by_owner ON artifact (owner, number)",
            // A version's number is not given again when its artifact is removed.
            """
            CREATE TABLE version (
                scope TEXT NOT NULL,
                name TEXT NOT NULL,
                last INTEGER NOT NULL,
                PRIMARY KEY (scope, name)
            ) STRICT
            """,
            """
            INSERT INTO version (scope, name, last)
            SELECT scope, name, MAX(version) FROM artifact GROUP BY scope, name
            """,
            """
            CREATE TABLE upload (
                id TEXT PRIMARY KEY,
                key TEXT NOT NULL UNIQUE,
                owner TEXT NOT NULL,
                run TEXT,
                name TEXT NOT NULL,
                content_type TEXT NOT NULL,
                author TEXT,
                bytes INTEGER,
                touched_at INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX upload_by_owner ON upload (owner)",
            """
            CREATE TABLE quota (
                owner TEXT PRIMARY KEY,
                bytes INTEGER NOT NULL CHECK (bytes >= 0)
            ) STRICT
            """,
            """
            CREATE TABLE usage (
                owner TEXT PRIMARY KEY,
                bytes INTEGER NOT NULL CHECK (bytes >= 0),
                artifacts INTEGER NOT NULL CHECK (artifacts >= 0)
            ) STRICT
            """,
            """
            INSERT INTO usage (owner, bytes, artifacts)
            SELECT owner, SUM(bytes), COUNT(*)
            FROM artifact JOIN blob ON blob.sha256 = artifact.sha256 GROUP BY owner
            """,
            """
            CREATE TABLE link (
                id TEXT PRIMARY KEY,
                artifact TEXT NOT NULL REFERENCES artifact (id) ON DELETE CASCADE,
                owner TEXT NOT NULL,
                expires_at INTEGER NOT NULL,
                created_at INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX link_by_artifact ON link (artifact)",
            "CREATE INDEX link_by_end ON link (expires_at)",
            """
            CREATE TABLE retention (
                id TEXT PRIMARY KEY,
                owner TEXT,
                pattern TEXT NOT NULL,
                keep_days INTEGER CHECK (keep_days > 0),
                keep_versions INTEGER CHECK (keep_versions > 0),
                created_at INTEGER NOT NULL,
                CHECK (keep_days IS NOT NULL OR keep_versions IS NOT NULL)
            ) STRICT
            """),
        Migration(
            "storage: sums for zip files",
            "ALTER TABLE blob ADD COLUMN crc32 INTEGER"),
    ]
}
