import Contracts
import Database
import MeshContract
import ServiceKit

/// What is known of artifacts: names and versions above contents.
struct ArtifactStore: Sendable {
    let database: Database
    let ambient: Ambient
    /// What an owner may keep where no quota of his own is set; nil for as much as there is room.
    let defaultQuota: Int?
    /// By hash, and by id: each piece that is read or comes in would ask for the same row again.
    let identities = Remembered<Identity>(most: 4 << 20) { $0.sums.bytes.count + 200 }
    let uploads = Remembered<Begun>(most: 1_000)

    /// What the naming's key made before, if it did. Another content under it is a conflict.
    func replay(of submission: Submission) async throws -> Storage.Artifact? {
        try await database.read { db in try Self.replay(of: submission, in: db) }
    }

    /// What this key made before, whatever it was.
    func artifact(key: String) async throws -> Storage.Artifact? {
        try await database.read { db in
            try db.first(Self.select + " WHERE key = $1", key, read: Self.artifact)
        }
    }

    /// Names a content that is kept already; once per key. An upload of that key has come to its
    /// end then.
    func add(_ submission: Submission) async throws -> Storage.Artifact {
        let (id, now) = (ambient.makeID("art"), ambient.now())
        return try await database.transaction { [defaultQuota] db in
            if let kept = try Self.replay(of: submission, in: db) { return kept }
            let (naming, identity) = (submission.naming, submission.identity)
            try Quota.take(identity.bytes, by: naming.owner, default: defaultQuota, in: db)
            try db.run(
                """
                INSERT INTO blob (sha256, bytes, created_at, pieces, crc32)
                VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (sha256) DO UPDATE
                SET pieces = excluded.pieces, crc32 = excluded.crc32
                """, identity.hash.hex, identity.bytes, now, identity.sums.bytes,
                identity.crc32.map(Int.init))
            let version = try db.first(
                """
                INSERT INTO version (scope, name, last) VALUES ($1, $2, 1)
                ON CONFLICT (scope, name) DO UPDATE SET last = last + 1 RETURNING last
                """, naming.scope, naming.name
            ) { $0.int(0) }
            let artifact = Storage.Artifact(
                id: id, owner: naming.owner, run: naming.run, name: naming.name,
                contentType: naming.contentType, bytes: identity.bytes,
                sha256: identity.hash.hex, version: version ?? 1, createdAt: now,
                author: naming.author)
            try Self.insert(artifact, naming, in: db)
            try db.run("DELETE FROM upload WHERE key = $1", naming.key)
            return artifact
        }
    }

    func artifact(_ id: String) async throws -> Storage.Artifact {
        let found = try await database.read { db in
            try db.first(Self.select + " WHERE artifact.id = $1", id, read: Self.artifact)
        }
        guard let found else { throw Fault(.notFound, "no artifact \(id.prefix(64))") }
        return found
    }

    /// What the artifact's content is, for reading it.
    func identity(of artifact: Storage.Artifact) async throws -> Identity {
        if let known = identities.find(artifact.sha256) { return known }
        let hash = try BlobHash(artifact.sha256)
        let known = try await database.read { db in
            try db.first("SELECT pieces, crc32 FROM blob WHERE sha256 = $1", hash.hex) { row in
                (row.blob(0), row.isNull(1) ? nil : UInt32(row.int(1)))
            }
        }
        let identity = Identity(
            hash: hash, bytes: artifact.bytes, sums: PieceSums(known?.0 ?? []), crc32: known?.1)
        if known != nil { identities.keep(identity, under: artifact.sha256) }
        return identity
    }

    func list(run: String, limit: Int) async throws -> [Storage.Artifact] {
        try await database.read { db in
            try db.all(
                Self.select + " WHERE run = $1 ORDER BY number LIMIT $2", run, limit,
                read: Self.artifact)
        }
    }

    /// The versions of a document, newest first.
    func versions(scope: String, name: String, limit: Int) async throws -> [Storage.Artifact] {
        try await database.read { db in
            try db.all(
                Self.select
                    + " WHERE scope = $1 AND name = $2 ORDER BY version DESC LIMIT $3",
                scope, name, limit, read: Self.artifact)
        }
    }

    /// Another version of the same document; nil where it is not kept.
    func version(_ number: Int, of one: Storage.Artifact) async throws -> Storage.Artifact? {
        let scope = one.run.map { "run:\($0)" } ?? "owner:\(one.owner)"
        return try await database.read { db in
            try db.first(
                Self.select + " WHERE scope = $1 AND name = $2 AND version = $3", scope, one.name,
                number, read: Self.artifact)
        }
    }

    /// Forgets an artifact; its content goes with the next sweep when nobody else names it. False
    /// when there is none of this owner.
    func remove(_ id: String, owner: String) async throws -> Bool {
        try await database.transaction { db in try Self.remove(id, owner: owner, in: db) }
    }

    static func remove(_ id: String, owner: String, in db: Connection) throws -> Bool {
        let bytes = try db.first(
            """
            DELETE FROM artifact WHERE id = $1 AND owner = $2
            RETURNING (SELECT bytes FROM blob WHERE blob.sha256 = artifact.sha256)
            """, id, owner
        ) { $0.int(0) }
        guard let bytes else { return false }
        try Quota.give(bytes, to: owner, in: db)
        return true
    }

    func usage(of owner: String) async throws -> Storage.Usage {
        try await database.read { [defaultQuota] db in
            try Quota.usage(of: owner, default: defaultQuota, in: db)
        }
    }

    func setQuota(_ bytes: Int?, for owner: String) async throws -> Storage.Usage {
        try await database.transaction { [defaultQuota] db in
            try Quota.set(bytes, for: owner, in: db)
            return try Quota.usage(of: owner, default: defaultQuota, in: db)
        }
    }

    // MARK: Contents

    /// True when an artifact names the content. When none does, its row goes: the file is next.
    func isNamed(_ hash: BlobHash) async throws -> Bool {
        try await database.transaction { db in
            let isNamed = try db.first(
                "SELECT 1 FROM artifact WHERE sha256 = $1 LIMIT 1", hash.hex
            ) { _ in true }
            if isNamed == nil { try db.run("DELETE FROM blob WHERE sha256 = $1", hash.hex) }
            return isNamed == true
        }
    }

    /// Those of `hashes` that no artifact names.
    func unnamed(among hashes: [BlobHash]) async throws -> [BlobHash] {
        try await database.read { db in
            try hashes.filter { hash in
                try db.first(
                    "SELECT 1 FROM artifact WHERE sha256 = $1 LIMIT 1", hash.hex
                ) { _ in true } == nil
            }
        }
    }

    /// Ids of artifacts that have this content.
    func names(of hash: BlobHash, limit: Int) async throws -> [String] {
        try await database.read { db in
            try db.all(
                "SELECT id FROM artifact WHERE sha256 = $1 ORDER BY number LIMIT $2", hash.hex,
                limit
            ) { $0.text(0) }
        }
    }

    /// Contents that artifacts name, in the order of their hashes, after `hash`.
    func named(after hash: String, limit: Int) async throws -> [Identity] {
        try await database.read { db in
            try db.all(
                """
                SELECT sha256, bytes, pieces, crc32 FROM blob WHERE sha256 > $1
                AND EXISTS (SELECT 1 FROM artifact WHERE artifact.sha256 = blob.sha256)
                ORDER BY sha256 LIMIT $2
                """, hash, limit
            ) { row in
                Identity(
                    hash: try BlobHash(row.text(0)), bytes: row.int(1),
                    sums: PieceSums(row.blob(2)),
                    crc32: row.isNull(3) ? nil : UInt32(row.int(3)))
            }
        }
    }

    /// Remembers a sum that was worked out later.
    func note(crc32: UInt32, of hash: BlobHash) async throws {
        try await database.transaction { db in
            try db.run("UPDATE blob SET crc32 = $1 WHERE sha256 = $2", Int(crc32), hash.hex)
        }
        identities.forget(hash.hex)
    }

    /// The newest version of each name of a run, by name; at most `limit` of them.
    func newest(run: String, limit: Int) async throws -> [Storage.Artifact] {
        try await database.read { db in
            try db.all(
                Self.select + """
                     WHERE run = $1 AND version = (
                        SELECT MAX(version) FROM artifact AS other
                        WHERE other.scope = artifact.scope AND other.name = artifact.name)
                    ORDER BY name LIMIT $2
                    """, run, limit, read: Self.artifact)
        }
    }

    // MARK: Rows

    private static func replay(
        of submission: Submission, in db: Connection
    ) throws -> Storage.Artifact? {
        let kept = try db.first(select + " WHERE key = $1", submission.naming.key, read: artifact)
        guard let kept else { return nil }
        guard submission.isSame(as: kept) else {
            throw Fault(.conflict, "the key was used for another document")
        }
        return kept
    }

    private static func insert(
        _ artifact: Storage.Artifact, _ naming: Naming, in db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO artifact
                (id, key, owner, run, scope, name, version, content_type, sha256, created_at,
                author)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, artifact.id, naming.key, artifact.owner, artifact.run, naming.scope,
            artifact.name, artifact.version, artifact.contentType, artifact.sha256,
            artifact.createdAt, artifact.author)
    }

    static let select = """
        SELECT id, owner, run, name, content_type, bytes, artifact.sha256, version,
            artifact.created_at, author
        FROM artifact JOIN blob ON blob.sha256 = artifact.sha256
        """

    static func artifact(_ row: Row) -> Storage.Artifact {
        Storage.Artifact(
            id: row.text(0), owner: row.text(1), run: row.textOrNil(2), name: row.text(3),
            contentType: row.text(4), bytes: row.int(5), sha256: row.text(6),
            version: row.int(7), createdAt: row.int64(8), author: row.textOrNil(9))
    }
}
