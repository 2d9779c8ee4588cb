import Contracts
import Database
import MeshContract
import ServiceKit

/// The rules by which artifacts are forgotten.
struct RetentionStore: Sendable {
    private static let day: Int64 = 86_400_000

    let database: Database
    let ambient: Ambient

    func add(_ request: Storage.AddRetention) async throws -> Storage.Retention {
        let (id, now) = (ambient.makeID("ret"), ambient.now())
        return try await database.transaction { db in
            try db.run(
                """
                INSERT INTO retention
                    (id, owner, pattern, keep_days, keep_versions, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """, id, request.owner, request.pattern, request.keepDays, request.keepVersions,
                now)
            return try Self.rules(at: now, in: db).first { $0.id == id }
                ?? { throw Fault(.internal, "a rule is gone at once") }()
        }
    }

    func list() async throws -> [Storage.Retention] {
        let now = ambient.now()
        return try await database.read { db in try Self.rules(at: now, in: db) }
    }

    func remove(_ id: String) async throws -> Bool {
        try await database.transaction { db in
            try db.first("DELETE FROM retention WHERE id = $1 RETURNING id", id) { _ in true }
                ?? false
        }
    }

    /// Forgets at most `limit` artifacts that a rule takes; answers with how many.
    func apply(limit: Int) async throws -> Int {
        let now = ambient.now()
        return try await database.transaction { db in
            var gone = 0
            for rule in try Self.rules(at: now, in: db) where gone < limit {
                let found = try Self.matches(rule, at: now, limit: limit - gone, in: db)
                for (id, owner) in found where try ArtifactStore.remove(id, owner: owner, in: db) {
                    gone += 1
                }
            }
            return gone
        }
    }

    private static func rules(at now: Int64, in db: Connection) throws -> [Storage.Retention] {
        let rules = try db.all(
            """
            SELECT id, owner, pattern, keep_days, keep_versions FROM retention
            ORDER BY created_at, id
            """
        ) { row in
            Storage.Retention(
                id: row.text(0), owner: row.textOrNil(1), pattern: row.text(2),
                keepDays: row.isNull(3) ? nil : row.int(3),
                keepVersions: row.isNull(4) ? nil : row.int(4), matches: 0)
        }
        return try rules.map { rule in
            var rule = rule
            rule.matches = try matches(rule, at: now, limit: 1_000_000, in: db).count
            return rule
        }
    }

    /// Ids and owners. A rule with both parts takes what is too old *and* has newer versions enough.
    private static func matches(
        _ rule: Storage.Retention, at now: Int64, limit: Int, in db: Connection
    ) throws -> [(String, String)] {
        let before = rule.keepDays.map { now - Int64($0) * day } ?? Int64.max
        return try db.all(
            """
            SELECT artifact.id, artifact.owner FROM artifact
            WHERE artifact.name GLOB $1 AND ($2 IS NULL OR artifact.owner = $2)
            AND artifact.created_at < $3
            AND ($4 IS NULL OR (
                SELECT COUNT(*) FROM artifact AS newer
                WHERE newer.scope = artifact.scope AND newer.name = artifact.name
                AND newer.version > artifact.version) >= $4)
            ORDER BY artifact.number LIMIT $5
            """, NamePattern.glob(rule.pattern), rule.owner, before, rule.keepVersions, limit
        ) { ($0.text(0), $0.text(1)) }
    }
}
