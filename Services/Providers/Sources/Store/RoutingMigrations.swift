import Database

extension BudgetStore {
    static let migration = Migration(
        "providers: budgets",
        """
        CREATE TABLE budget (
            name TEXT PRIMARY KEY,
            scope TEXT NOT NULL CHECK (scope IN ('key', 'user', 'project', 'run', 'all')),
            subject TEXT NOT NULL,
            period TEXT NOT NULL CHECK (period IN ('day', 'month', 'total')),
            limit_nano_usd INTEGER NOT NULL CHECK (limit_nano_usd >= 0),
            allows_unpriced INTEGER NOT NULL CHECK (allows_unpriced IN (0, 1)),
            set_at INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE budget_spending (
            budget TEXT NOT NULL,
            subject TEXT NOT NULL,
            starts_at INTEGER NOT NULL,
            spent_nano_usd INTEGER NOT NULL CHECK (spent_nano_usd >= 0),
            spent_at INTEGER NOT NULL,
            PRIMARY KEY (budget, subject, starts_at)
        ) STRICT
        """,
        "CREATE INDEX budget_spending_age ON budget_spending (spent_at)",
        """
        CREATE TABLE budget_hold (
            id TEXT NOT NULL,
            budget TEXT NOT NULL,
            subject TEXT NOT NULL,
            starts_at INTEGER NOT NULL,
            amount_nano_usd INTEGER NOT NULL CHECK (amount_nano_usd >= 0),
            epoch TEXT NOT NULL,
            held_at INTEGER NOT NULL,
            PRIMARY KEY (budget, subject, starts_at, id)
        ) STRICT
        """,
        "CREATE INDEX budget_hold_id ON budget_hold (id)"
    )

    static let owners = Migration(
        "providers: owners of budgets",
        "ALTER TABLE budget ADD COLUMN owner TEXT",
        "CREATE INDEX budget_owner ON budget (owner) WHERE owner IS NOT NULL"
    )
}

extension ProviderKeyStore {
    static let migration = Migration(
        "providers: users' own keys",
        """
        CREATE TABLE provider_key (
            user_id TEXT NOT NULL,
            provider TEXT NOT NULL,
            hint TEXT NOT NULL,
            master_id TEXT NOT NULL,
            sealed BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (user_id, provider)
        ) STRICT
        """
    )
}
