import Database

extension AccountStore {
    /// Append only: a released entry is never edited.
    static let migrations = [
        Migration(
            "accounts and keys",
            """
            CREATE TABLE account (
                id TEXT NOT NULL PRIMARY KEY,
                email TEXT NOT NULL UNIQUE,
                name TEXT NOT NULL,
                role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
                plan TEXT NOT NULL,
                password_hash TEXT NOT NULL,
                generation INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                billing_open INTEGER NOT NULL CHECK (billing_open IN (0, 1))
            ) STRICT
            """,
            "CREATE INDEX account_unopened ON account (id) WHERE billing_open = 0",
            """
            CREATE TABLE api_key (
                id TEXT NOT NULL PRIMARY KEY,
                hash BLOB NOT NULL UNIQUE,
                account TEXT NOT NULL REFERENCES account (id),
                name TEXT NOT NULL,
                created_at INTEGER NOT NULL
            ) STRICT
            """),
        Migration(
            "keys by account", "CREATE INDEX api_key_account ON api_key (account, name)"),
    ]
}
