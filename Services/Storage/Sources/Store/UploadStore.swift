import Contracts
import Database
import MeshContract
import ServiceKit

/// Uploads that have begun and not ended.
extension ArtifactStore {
    /// An upload as it was begun.
    struct Begun: Sendable {
        let id: String
        let naming: Naming
        let bytes: Int?
    }

    /// The upload of this key, made when there is none yet. Another naming under it is a conflict;
    /// past what the owner may keep, or more than `most` at once, it is refused before a byte comes.
    func begin(_ naming: Naming, bytes: Int?, most: Int) async throws -> Begun {
        let (id, now) = (ambient.makeID("upl"), ambient.now())
        return try await database.transaction { [defaultQuota] db in
            if let begun = try Self.upload("key = $1", naming.key, in: db) {
                guard begun.naming == naming, begun.bytes == bytes else {
                    throw Fault(.conflict, "the key was used for another upload")
                }
                return begun
            }
            let open = try db.first(
                "SELECT COUNT(*) FROM upload WHERE owner = $1", naming.owner
            ) { $0.int(0) }
            guard (open ?? 0) < most else {
                throw Fault(.capped, "\(most) uploads are open; finish or cancel one")
            }
            let usage = try Quota.usage(of: naming.owner, default: defaultQuota, in: db)
            if let quota = usage.quota, usage.bytes + (bytes ?? 0) > quota {
                throw Fault(
                    .capped, "the storage quota of \(quota) bytes has no room for it",
                    detail: "storage_bytes \(quota)")
            }
            try db.run(
                """
                INSERT INTO upload
                    (id, key, owner, run, name, content_type, author, bytes, touched_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """, id, naming.key, naming.owner, naming.run, naming.name, naming.contentType,
                naming.author, bytes, now)
            return Begun(id: id, naming: naming, bytes: bytes)
        }
    }

    func upload(_ id: String, owner: String) async throws -> Begun {
        var begun = uploads.find(id)
        if begun == nil {
            begun = try await database.read { db in
                try Self.upload("id = $1", id, in: db)
            }
        }
        guard let begun, begun.naming.owner == owner else {
            throw Fault(.notFound, "no upload \(id.prefix(64))")
        }
        uploads.keep(begun, under: id)
        return begun
    }

    func upload(key: String, owner: String) async throws -> Begun {
        let begun = try await database.read { db in try Self.upload("key = $1", key, in: db) }
        guard let begun, begun.naming.owner == owner else {
            throw Fault(.notFound, "no upload of this key")
        }
        return begun
    }

    /// Remembers that somebody still works on it.
    func touch(_ id: String) async throws {
        let now = ambient.now()
        try await database.transaction { db in
            try db.run("UPDATE upload SET touched_at = $1 WHERE id = $2", now, id)
        }
    }

    func forget(upload id: String) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM upload WHERE id = $1", id)
        }
        uploads.forget(id)
    }

    /// Forgets the uploads that nobody has touched since, and answers with the ids of those left.
    func forgetUploads(before limit: Int64) async throws -> Set<String> {
        defer { uploads.forgetAll() }
        return try await database.transaction { db in
            try db.run("DELETE FROM upload WHERE touched_at < $1", limit)
            return Set(try db.all("SELECT id FROM upload") { $0.text(0) })
        }
    }

    private static func upload(
        _ condition: String, _ value: String, in db: Connection
    ) throws -> Begun? {
        try db.first(
            """
            SELECT id, owner, run, name, content_type, author, key, bytes FROM upload
            WHERE \(condition)
            """, value
        ) { row in
            Begun(
                id: row.text(0),
                naming: Naming(
                    owner: row.text(1), run: row.textOrNil(2), name: row.text(3),
                    contentType: row.text(4), author: row.textOrNil(5), key: row.text(6)),
                bytes: row.isNull(7) ? nil : row.int(7))
        }
    }
}
