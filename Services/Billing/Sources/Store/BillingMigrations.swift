import Database

extension BillingStore {
    /// Append only.
    static let migrations = [
        Migration(
            "billing: accounts, entries and holds",
            """
            CREATE TABLE account (
                id TEXT PRIMARY KEY CHECK (id <> ''),
                plan TEXT NOT NULL CHECK (plan IN ('free', 'starter', 'pro', 'owner')),
                opened_at INTEGER NOT NULL,
                available INTEGER NOT NULL,
                held INTEGER NOT NULL CHECK (held >= 0),
                granted INTEGER NOT NULL CHECK (granted >= 0),
                allocated_month TEXT NOT NULL,
                CHECK (available >= 0 OR plan IN ('pro', 'owner'))
            ) STRICT
            """,
            "CREATE INDEX account_allocation ON account (plan, allocated_month)",
            """
            CREATE TABLE entry (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                at INTEGER NOT NULL,
                account TEXT NOT NULL REFERENCES account (id),
                kind TEXT NOT NULL CHECK (
                    kind IN ('grant', 'hold', 'capture', 'release', 'refund', 'correction')),
                amount INTEGER NOT NULL CHECK (amount <> 0),
                run TEXT,
                key TEXT NOT NULL,
                balance INTEGER NOT NULL,
                note TEXT,
                UNIQUE (kind, key)
            ) STRICT
            """,
            "CREATE INDEX entry_account ON entry (account, id)",
            "CREATE INDEX entry_run ON entry (run)",
            """
            CREATE TABLE posting (
                entry INTEGER NOT NULL REFERENCES entry (id),
                book TEXT NOT NULL CHECK (book IN ('available', 'held', 'issued', 'spent')),
                debit INTEGER NOT NULL CHECK (debit >= 0),
                credit INTEGER NOT NULL CHECK (credit >= 0),
                PRIMARY KEY (entry, book),
                CHECK ((debit = 0) <> (credit = 0))
            ) STRICT
            """,
            """
            CREATE TABLE hold (
                run TEXT PRIMARY KEY CHECK (run <> ''),
                account TEXT NOT NULL REFERENCES account (id),
                amount INTEGER NOT NULL CHECK (amount > 0),
                captured INTEGER NOT NULL CHECK (captured >= 0),
                remaining INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND amount),
                shortfall INTEGER NOT NULL CHECK (shortfall >= 0),
                state TEXT NOT NULL CHECK (state IN ('open', 'released', 'expired')),
                expires_at INTEGER NOT NULL,
                CHECK (state = 'open' OR remaining = 0)
            ) STRICT
            """,
            "CREATE INDEX hold_expiry ON hold (expires_at) WHERE state = 'open'",
            """
            CREATE TABLE charge (
                key TEXT PRIMARY KEY CHECK (key <> ''),
                run TEXT NOT NULL REFERENCES hold (run),
                asked INTEGER NOT NULL CHECK (asked > 0),
                taken INTEGER NOT NULL CHECK (taken BETWEEN 0 AND asked),
                captured INTEGER NOT NULL,
                remaining INTEGER NOT NULL
            ) STRICT
            """),
        Migration(
            "billing: what is written stays",
            stays("entry", "UPDATE"), stays("entry", "DELETE"),
            stays("posting", "UPDATE"), stays("posting", "DELETE"),
            stays("charge", "UPDATE"), stays("charge", "DELETE")),
    ]

    private static func stays(_ table: String, _ change: String) -> String {
        """
        CREATE TRIGGER \(table)_stays_on_\(change.lowercased()) BEFORE \(change) ON \(table)
        BEGIN SELECT RAISE(ABORT, 'the ledger only grows: add a correction'); END
        """
    }
}
