import Contracts
import Database
import Durable
import MeshContract

/// Who is told of events, and what is still to be told: written in the transaction that numbers the
/// event, so that none is lost.
struct WebhookStore: Sendable {
    /// What waits for one webhook at most; a webhook that falls behind further is switched off.
    static let mostPending = 10_000

    static let migrations = [
        Migration(
            "webhooks",
            """
            CREATE TABLE webhook (
                id TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                key TEXT,
                url TEXT NOT NULL,
                events TEXT NOT NULL,
                active INTEGER NOT NULL DEFAULT 1,
                reason TEXT,
                failures INTEGER NOT NULL DEFAULT 0,
                created_at INTEGER NOT NULL,
                UNIQUE (owner, key)
            ) STRICT
            """,
            "CREATE INDEX webhook_by_user ON webhook (owner, id)",
            """
            CREATE TABLE webhook_delivery (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                webhook TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
                run TEXT NOT NULL,
                seq INTEGER NOT NULL,
                event TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
                attempts INTEGER NOT NULL DEFAULT 0,
                status INTEGER,
                error TEXT,
                at INTEGER NOT NULL,
                next_at INTEGER,
                UNIQUE (webhook, run, seq),
                CHECK ((state = 'pending') = (next_at IS NOT NULL))
            ) STRICT
            """,
            """
            CREATE INDEX webhook_delivery_due ON webhook_delivery (next_at)
                WHERE next_at IS NOT NULL
            """,
            "CREATE INDEX webhook_delivery_by_age ON webhook_delivery (at)")
    ]

    let database: Database

    // MARK: Webhooks

    /// The same key of the same user answers with the first.
    func insert(
        _ webhook: Orchestrator.Webhook, of owner: String, key: String?, atMost limit: Int
    ) async throws -> Orchestrator.Webhook {
        try await database.transaction { db in
            if let key {
                let known = try db.first(
                    "SELECT \(Self.columns) FROM webhook WHERE owner = $1 AND key = $2", owner, key,
                    read: Self.webhook)
                if let known {
                    guard known.url == webhook.url, known.events == webhook.events else {
                        throw Fault(
                            .conflict, "this Idempotency-Key was used for another request")
                    }
                    return known
                }
            }
            let count = try db.first("SELECT count(*) FROM webhook WHERE owner = $1", owner) {
                $0.int(0)
            }
            guard count ?? 0 < limit else {
                throw Fault(.capped, "there are \(limit) webhooks at most", detail: "webhooks")
            }
            try db.run(
                """
                INSERT INTO webhook (id, owner, key, url, events, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """, webhook.id, owner, key, webhook.url,
                webhook.events.joined(separator: ","), webhook.createdAt)
            return webhook
        }
    }

    func list(_ owner: String) async throws -> [Orchestrator.Webhook] {
        try await database.read { db in
            try db.all(
                "SELECT \(Self.columns) FROM webhook WHERE owner = $1 ORDER BY id DESC", owner,
                read: Self.webhook)
        }
    }

    func find(_ id: String, _ owner: String) async throws -> Orchestrator.Webhook {
        try await database.read { try Self.find(id, owner, in: $0) }
    }

    /// Changes what is given. Switched on, it begins without the failures of before.
    func update(
        _ id: String, _ owner: String, url: String?, events: [String]?, isActive: Bool?
    ) async throws -> Orchestrator.Webhook {
        try await database.transaction { db in
            _ = try Self.find(id, owner, in: db)
            try db.run(
                """
                UPDATE webhook SET url = coalesce($2, url), events = coalesce($3, events),
                    active = coalesce($4, active), reason = NULL,
                    failures = CASE WHEN $4 = 1 THEN 0 ELSE failures END
                WHERE id = $1
                """, id, url, events?.joined(separator: ","), isActive)
            return try Self.find(id, owner, in: db)
        }
    }

    func delete(_ id: String, _ owner: String) async throws {
        let count = try await database.transaction { db in
            try db.run("DELETE FROM webhook WHERE id = $1 AND owner = $2", id, owner)
        }
        guard count > 0 else { throw Self.absent(id) }
    }

    static func find(
        _ id: String, _ owner: String, in db: Connection
    ) throws -> Orchestrator.Webhook {
        let found = try db.first(
            "SELECT \(columns) FROM webhook WHERE id = $1 AND owner = $2", id, owner,
            read: webhook)
        guard let found else { throw absent(id) }
        return found
    }

    static func absent(_ id: String) -> Fault {
        Fault(.notFound, "no webhook \(id.prefix(100))")
    }

    private static let columns = "id, url, events, active, reason, created_at"

    private static func webhook(_ row: Row) -> Orchestrator.Webhook {
        Orchestrator.Webhook(
            id: row.text(0), url: row.text(1),
            events: row.text(2).split(separator: ",").map(String.init), isActive: row.bool(3),
            reason: row.textOrNil(4), secret: nil, createdAt: row.int64(5))
    }
}
