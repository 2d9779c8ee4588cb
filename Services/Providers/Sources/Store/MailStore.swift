import Contracts
import Crypto
import Database
import MeshContract

/// E-mails that were taken: what is to be sent is here until it is, and what became of it stays.
struct MailStore: Sendable {
    static let migrations = [
        Migration(
            "providers: e-mails",
            """
            CREATE TABLE mail (
                id TEXT PRIMARY KEY,
                key TEXT NOT NULL UNIQUE,
                digest TEXT NOT NULL,
                user_id TEXT NOT NULL,
                about TEXT,
                recipients TEXT NOT NULL,
                subject TEXT NOT NULL,
                payload BLOB,
                state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
                attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                outside_id TEXT,
                error TEXT,
                created_at INTEGER NOT NULL,
                next_at INTEGER,
                ended_at INTEGER,
                CHECK ((state = 'waiting') = (next_at IS NOT NULL)),
                CHECK ((state = 'waiting') = (ended_at IS NULL)),
                CHECK ((state = 'waiting') = (payload IS NOT NULL))
            ) STRICT
            """,
            "CREATE INDEX mail_due ON mail (next_at) WHERE next_at IS NOT NULL",
            "CREATE INDEX mail_by_user ON mail (user_id, created_at)",
            "CREATE INDEX mail_by_age ON mail (ended_at) WHERE ended_at IS NOT NULL")
    ]

    /// What is to be kept of a new one.
    struct Entry: Sendable {
        var id: String
        var key: String
        var user: String
        var about: String?
        var to: [String]
        var subject: String
        var payload: [UInt8]
        var at: Int64
    }

    /// One that is to be sent now.
    struct Due: Sendable {
        var id: String
        var payload: [UInt8]
        /// So far.
        var attempts: Int
        var createdAt: Int64
    }

    /// How an attempt ended.
    enum Outcome: Sendable {
        case sent(outsideID: String)
        case later(at: Int64, error: String)
        case failed(error: String)
    }

    let database: Database

    /// Keeps an e-mail; the same key answers with the first, and is a conflict for another e-mail.
    func add(_ entry: Entry, perDay: Int) async throws -> Providers.Mail {
        let about = entry.about ?? ""
        let digest = SHA256.hex(Array("\(entry.user)\n\(about)\n".utf8) + entry.payload)
        return try await database.transaction { db in
            let known = try db.first("SELECT digest, id FROM mail WHERE key = $1", entry.key) {
                ($0.text(0), $0.text(1))
            }
            if let (digestThen, id) = known {
                guard digestThen == digest else {
                    throw Fault(.conflict, "this key was used for another e-mail")
                }
                return try Self.mail(id, in: db)
            }
            let today = try db.first(
                "SELECT count(*) FROM mail WHERE user_id = $1 AND created_at > $2", entry.user,
                entry.at - 86_400_000
            ) { $0.int(0) }
            guard today ?? 0 < perDay else {
                throw Fault(
                    .capped, "\(perDay) e-mails a day are what a user may send",
                    detail: "mails_per_day \(perDay)")
            }
            try db.run(
                """
                INSERT INTO mail
                    (id, key, digest, user_id, about, recipients, subject, payload, state,
                    created_at, next_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $9)
                """, entry.id, entry.key, digest, entry.user, entry.about,
                entry.to.joined(separator: ","), entry.subject, entry.payload, entry.at)
            return try Self.mail(entry.id, in: db)
        }
    }

    /// Newest first.
    func list(user: String, about: String?, limit: Int) async throws -> [Providers.Mail] {
        try await database.read { db in
            try db.all(
                """
                SELECT \(Self.columns) FROM mail
                WHERE user_id = $1 AND ($2 IS NULL OR about = $2)
                ORDER BY created_at DESC, id DESC LIMIT $3
                """, user, about, limit, read: Self.read)
        }
    }

    func due(at now: Int64, limit: Int) async throws -> [Due] {
        try await database.read { db in
            try db.all(
                """
                SELECT id, payload, attempts, created_at FROM mail
                WHERE next_at <= $1 ORDER BY next_at LIMIT $2
                """, now, limit
            ) {
                Due(
                    id: $0.text(0), payload: $0.blobOrNil(1) ?? [], attempts: $0.int(2),
                    createdAt: $0.int64(3))
            }
        }
    }

    /// Notes how an attempt ended. What has ended lets go of its bytes.
    func settle(_ id: String, _ outcome: Outcome, at now: Int64) async throws {
        try await database.transaction { db in
            switch outcome {
            case .sent(let outsideID):
                try db.run(
                    """
                    UPDATE mail SET state = 'sent', attempts = attempts + 1, error = NULL,
                        outside_id = $2, payload = NULL, next_at = NULL, ended_at = $3
                    WHERE id = $1 AND state = 'waiting'
                    """, id, outsideID, now)
            case .later(let at, let error):
                try db.run(
                    """
                    UPDATE mail SET attempts = attempts + 1, error = $2, next_at = $3
                    WHERE id = $1 AND state = 'waiting'
                    """, id, error, at)
            case .failed(let error):
                try db.run(
                    """
                    UPDATE mail SET state = 'failed', attempts = attempts + 1, error = $2,
                        payload = NULL, next_at = NULL, ended_at = $3
                    WHERE id = $1 AND state = 'waiting'
                    """, id, error, now)
            }
        }
    }

    /// Forgets what ended long ago; answers with how many.
    func forget(before moment: Int64, limit: Int) async throws -> Int {
        try await database.transaction { db in
            try db.run(
                """
                DELETE FROM mail WHERE id IN (
                    SELECT id FROM mail WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)
                """, moment, limit)
        }
    }

    private static let columns =
        "id, about, recipients, subject, state, attempts, error, created_at, next_at, ended_at"

    private static func mail(_ id: String, in db: Connection) throws -> Providers.Mail {
        guard
            let mail = try db.first(
                "SELECT \(columns) FROM mail WHERE id = $1", id, read: read)
        else { throw Fault(.internal, "the e-mail is not kept") }
        return mail
    }

    private static func read(_ row: Row) -> Providers.Mail {
        Providers.Mail(
            id: row.text(0), about: row.textOrNil(1),
            to: row.text(2).split(separator: ",").map(String.init), subject: row.text(3),
            state: row.text(4), attempts: row.int(5), error: row.textOrNil(6),
            createdAt: row.int64(7), nextAt: row.int64OrNil(8), endedAt: row.int64OrNil(9))
    }
}
