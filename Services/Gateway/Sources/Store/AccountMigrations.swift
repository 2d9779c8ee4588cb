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
        Migration(
            "sign-ins and their refresh tokens",
            """
            CREATE TABLE sign_in (
                id TEXT NOT NULL PRIMARY KEY,
                account TEXT NOT NULL REFERENCES account (id),
                method TEXT NOT NULL,
                address TEXT NOT NULL,
                client TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                used_at INTEGER NOT NULL,
                ends_at INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX sign_in_account ON sign_in (account, used_at)",
            "CREATE INDEX sign_in_end ON sign_in (ends_at)",
            """
            CREATE TABLE refresh_token (
                hash BLOB NOT NULL PRIMARY KEY,
                sign_in TEXT NOT NULL REFERENCES sign_in (id) ON DELETE CASCADE,
                is_used INTEGER NOT NULL CHECK (is_used IN (0, 1))
            ) STRICT
            """,
            "CREATE INDEX refresh_token_sign_in ON refresh_token (sign_in)"),
        Migration(
            "keys: scopes, end and last use",
            """
            ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL
                DEFAULT 'read,write,models,admin'
            """,
            "ALTER TABLE api_key ADD COLUMN expires_at INTEGER",
            "ALTER TABLE api_key ADD COLUMN used_at INTEGER"),
        AuditStore.migration,
        Migration(
            "accounts: disabled, and known by outside issuers",
            """
            ALTER TABLE account ADD COLUMN is_disabled INTEGER NOT NULL DEFAULT 0
                CHECK (is_disabled IN (0, 1))
            """,
            """
            CREATE TABLE identity (
                issuer TEXT NOT NULL,
                subject TEXT NOT NULL,
                account TEXT NOT NULL REFERENCES account (id),
                created_at INTEGER NOT NULL,
                PRIMARY KEY (issuer, subject)
            ) STRICT
            """,
            "CREATE INDEX identity_account ON identity (account)",
            """
            CREATE TABLE sign_in_attempt (
                state BLOB NOT NULL PRIMARY KEY,
                browser BLOB NOT NULL,
                provider TEXT NOT NULL,
                nonce TEXT NOT NULL,
                verifier TEXT NOT NULL,
                redirect TEXT NOT NULL,
                return_to TEXT NOT NULL,
                account TEXT REFERENCES account (id),
                ends_at INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX sign_in_attempt_end ON sign_in_attempt (ends_at)"),
        WorkspaceStore.migration,
        Migration(
            "notifications",
            """
            CREATE TABLE notification (
                account TEXT NOT NULL REFERENCES account (id),
                kind TEXT NOT NULL,
                in_app INTEGER NOT NULL CHECK (in_app IN (0, 1)),
                email INTEGER NOT NULL CHECK (email IN (0, 1)),
                PRIMARY KEY (account, kind)
            ) STRICT
            """),
        endMigration,
        Migration(
            "sign-ins on their way: linking ends with the sign-in it was begun in",
            // They take minutes; what is on its way begins again.
            "DELETE FROM sign_in_attempt",
            """
            ALTER TABLE sign_in_attempt
                ADD COLUMN sign_in TEXT REFERENCES sign_in (id) ON DELETE CASCADE
            """,
            "CREATE INDEX sign_in_attempt_sign_in ON sign_in_attempt (sign_in)"),
        Migration(
            "sign-ins on their way: from where",
            "ALTER TABLE sign_in_attempt ADD COLUMN place TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX sign_in_attempt_place ON sign_in_attempt (place)"),
    ]
}
