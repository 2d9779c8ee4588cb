import Contracts
import Database
import Durable
import MeshContract

/// What is to be told to whom, and what became of it.
extension WebhookStore {
    /// One delivery on its way.
    struct Due: Sendable {
        let id: Int64
        let webhook: String
        let url: String
        let run: String
        let seq: Int64
        let attempts: Int
    }

    /// How an attempt ended.
    struct Outcome: Sendable {
        var isDelivered: Bool
        var status: Int?
        var error: String?
        /// Of the next attempt; nil for none.
        var nextAt: Int64?
        /// The other side is gone for good, and says so.
        var isGone = false
    }

    /// Notes, with the event itself, who is to be told of it.
    static func enqueue(_ run: String, _ event: LoggedEvent, in db: Connection) throws {
        guard !event.isCopied else { return }
        let hooks = try db.all(
            """
            SELECT id, events FROM webhook
            WHERE owner = (SELECT owner FROM run WHERE id = $1) AND active = 1
            """, run
        ) { ($0.text(0), $0.text(1)) }
        for (id, events) in hooks where EventFilter.fits(event.kind, events.split(separator: ",")) {
            try db.run(
                """
                INSERT INTO webhook_delivery (webhook, run, seq, event, state, at, next_at)
                VALUES ($1, $2, $3, $4, 'pending', $5, $5)
                """, id, run, event.seq, event.kind, event.at)
        }
    }

    /// What is to be sent now; of each webhook a few only, so that one which is slow does not hold
    /// up the others.
    func due(at now: Int64, limit: Int, each: Int) async throws -> [Due] {
        try await database.read { db in
            try db.all(
                """
                SELECT id, webhook, url, run, seq, attempts FROM (
                    SELECT webhook_delivery.*, url, row_number() OVER (
                        PARTITION BY webhook ORDER BY next_at, webhook_delivery.id) AS place
                    FROM (SELECT * FROM webhook_delivery
                        WHERE next_at IS NOT NULL AND next_at <= $1
                        ORDER BY next_at LIMIT 1000) AS webhook_delivery
                    JOIN webhook ON webhook.id = webhook AND active = 1)
                WHERE place <= $3 LIMIT $2
                """, now, limit, each
            ) {
                Due(
                    id: $0.int64(0), webhook: $0.text(1), url: $0.text(2), run: $0.text(3),
                    seq: $0.int64(4), attempts: $0.int(5))
            }
        }
    }

    /// Journals how an attempt ended. A webhook that is gone, or fails again and again, is switched
    /// off, and what waits for it with it.
    func settle(_ due: Due, _ outcome: Outcome, failuresAtMost limit: Int) async throws {
        try await database.transaction { db in
            let state =
                outcome.isDelivered
                ? "delivered" : outcome.nextAt == nil ? "failed" : "pending"
            try db.run(
                """
                UPDATE webhook_delivery SET state = $2, attempts = attempts + 1, status = $3,
                    error = $4, next_at = $5 WHERE id = $1
                """, due.id, state, outcome.status, outcome.error, outcome.nextAt)
            if outcome.isDelivered {
                try db.run(
                    "UPDATE webhook SET failures = 0 WHERE id = $1 AND failures > 0", due.webhook)
            } else if outcome.nextAt == nil {
                let failures = try db.first(
                    "UPDATE webhook SET failures = failures + 1 WHERE id = $1 RETURNING failures",
                    due.webhook
                ) { $0.int(0) }
                if outcome.isGone {
                    try Self.switchOff(due.webhook, "the other side answered 410 Gone", in: db)
                } else if failures ?? 0 >= limit {
                    try Self.switchOff(
                        due.webhook, "\(limit) deliveries in a row have failed", in: db)
                }
            }
        }
    }

    private static func switchOff(_ id: String, _ reason: String, in db: Connection) throws {
        try db.run("UPDATE webhook SET active = 0, reason = $2 WHERE id = $1", id, reason)
        try db.run(
            """
            UPDATE webhook_delivery SET state = 'failed', next_at = NULL, error = $2
            WHERE webhook = $1 AND state = 'pending'
            """, id, reason)
    }

    /// Forgets what is old, and switches off what cannot be caught up with.
    func tidy(before moment: Int64) async throws {
        try await database.transaction { db in
            try db.run(
                """
                DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery
                    WHERE at < $1 AND state <> 'pending' LIMIT 1000)
                """, moment)
            let behind = try db.all(
                """
                SELECT webhook FROM webhook_delivery WHERE next_at IS NOT NULL
                GROUP BY webhook HAVING count(*) > $1
                """, Self.mostPending
            ) { $0.text(0) }
            for id in behind {
                try Self.switchOff(id, "\(Self.mostPending) deliveries were waiting", in: db)
            }
        }
    }

    // MARK: For people

    func deliveries(_ request: Orchestrator.ListDeliveries) async throws -> [Orchestrator.Delivery]
    {
        try await database.read { db in
            _ = try Self.find(request.webhook, request.user, in: db)
            return try db.all(
                """
                SELECT \(Self.deliveryColumns) FROM webhook_delivery
                WHERE webhook = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
                """, request.webhook, request.before, min(max(request.limit, 1), 200),
                read: Self.delivery)
        }
    }

    func sendAgain(
        _ request: Orchestrator.RepeatDelivery, at now: Int64
    ) async throws -> Orchestrator.Delivery {
        try await database.transaction { db in
            guard try Self.find(request.webhook, request.user, in: db).isActive else {
                throw Fault(.conflict, "the webhook is switched off")
            }
            let found = try db.first(
                """
                UPDATE webhook_delivery SET state = 'pending', attempts = 0, next_at = $3
                WHERE id = $1 AND webhook = $2 RETURNING \(Self.deliveryColumns)
                """, request.delivery, request.webhook, now, read: Self.delivery)
            guard let found else { throw Fault(.notFound, "no delivery \(request.delivery)") }
            return found
        }
    }

    private static let deliveryColumns =
        "id, run, seq, event, state, attempts, status, error, at, next_at"

    private static func delivery(_ row: Row) -> Orchestrator.Delivery {
        Orchestrator.Delivery(
            id: row.int64(0), run: row.text(1), seq: row.int64(2), event: row.text(3),
            state: row.text(4), attempts: row.int(5), status: row.intOrNil(6),
            error: row.textOrNil(7), at: row.int64(8), nextAt: row.int64OrNil(9))
    }
}
