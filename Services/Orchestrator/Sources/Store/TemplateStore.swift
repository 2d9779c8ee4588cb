import Database
import MeshContract

/// The templates that people keep, every version of them.
struct TemplateStore: Sendable {
    static let mostTemplates = 200
    static let mostVersions = 1_000

    struct Record: Sendable {
        var id: String
        var version: Int
        var document: String
        var createdAt: Int64
        var updatedAt: Int64
    }

    /// A template to be kept.
    struct Draft: Sendable {
        var document: String
        var user: String
        var at: Int64
    }

    let database: Database

    /// Throws `not-found` also for somebody else's.
    func find(_ id: String, user: String, version: Int? = nil) async throws -> Record {
        try await database.read { db in try Self.find(id, user, version, in: db) }
    }

    func list(user: String) async throws -> [Record] {
        try await database.read { db in
            try db.all(
                """
                SELECT id, version, document, created_at, at
                FROM template JOIN template_version ON template = id AND version = latest
                WHERE owner = $1 ORDER BY id
                """, user, read: Self.record)
        }
    }

    /// Keeps a new template, once per key.
    func insert(_ draft: Draft, id: String, key: String?) async throws -> Record {
        try await database.transaction { db in
            if let key, let known = try Self.known(key, draft.user, in: db) {
                guard known.document == draft.document else {
                    throw Fault(.conflict, "this Idempotency-Key was used for another template")
                }
                return known
            }
            let count = try db.first(
                "SELECT count(*) FROM template WHERE owner = $1", draft.user
            ) { $0.int(0) }
            guard count ?? 0 < Self.mostTemplates else {
                throw Fault(
                    .capped, "\(Self.mostTemplates) templates are kept at most",
                    detail: "templates")
            }
            try db.run(
                """
                INSERT INTO template (id, owner, key, latest, created_at)
                VALUES ($1, $2, $3, 1, $4)
                """, id, draft.user, key, draft.at)
            try Self.write(draft, id, 1, in: db)
            return try Self.find(id, draft.user, nil, in: db)
        }
    }

    /// Keeps the next version. The same document again is the version there is.
    func update(_ draft: Draft, id: String, from version: Int?) async throws -> Record {
        try await database.transaction { db in
            let known = try Self.find(id, draft.user, nil, in: db)
            if known.document == draft.document { return known }
            if let version, version != known.version {
                throw Fault(
                    .conflict,
                    "version \(known.version) has come since version \(version): look at it first")
            }
            guard known.version < Self.mostVersions else {
                throw Fault(
                    .capped, "a template has \(Self.mostVersions) versions at most",
                    detail: "versions")
            }
            try db.run(
                "UPDATE template SET latest = $2 WHERE id = $1", id, known.version + 1)
            try Self.write(draft, id, known.version + 1, in: db)
            return try Self.find(id, draft.user, nil, in: db)
        }
    }

    func delete(_ id: String, user: String) async throws {
        try await database.transaction { db in
            _ = try Self.find(id, user, nil, in: db)
            try db.run("DELETE FROM template_version WHERE template = $1", id)
            try db.run("DELETE FROM template WHERE id = $1", id)
        }
    }

    private static func write(
        _ draft: Draft, _ id: String, _ version: Int, in db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO template_version (template, version, document, at)
            VALUES ($1, $2, $3, $4)
            """, id, version, draft.document, draft.at)
    }

    private static func find(
        _ id: String, _ user: String, _ version: Int?, in db: Connection
    ) throws -> Record {
        let found = try db.first(
            """
            SELECT id, version, document, created_at, at
            FROM template JOIN template_version ON template = id
            WHERE id = $1 AND owner = $2 AND version = coalesce($3, latest)
            """, id, user, version, read: record)
        guard let found else {
            throw Fault(.notFound, "no template \(id.prefix(100))")
        }
        return found
    }

    private static func known(
        _ key: String, _ user: String, in db: Connection
    ) throws -> Record? {
        try db.first(
            """
            SELECT id, version, document, created_at, at
            FROM template JOIN template_version ON template = id AND version = 1
            WHERE key = $1 AND owner = $2
            """, key, user, read: record)
    }

    private static func record(_ row: Row) -> Record {
        Record(
            id: row.text(0), version: row.int(1), document: row.text(2), createdAt: row.int64(3),
            updatedAt: row.int64(4))
    }
}
