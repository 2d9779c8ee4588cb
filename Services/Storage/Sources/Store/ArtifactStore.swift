import Contracts
import Database
import MeshContract
import ServiceKit

/// What is known of artifacts: names and versions above contents.
struct ArtifactStore: Sendable {
    let database: Database
    let ambient: Ambient

    static let migrations = [
        Migration(
            "storage: blobs and artifacts",
            """
            CREATE TABLE blob (
                sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
                bytes INTEGER NOT NULL CHECK (bytes >= 0),
                created_at INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE artifact (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                key TEXT NOT NULL UNIQUE,
                owner TEXT NOT NULL CHECK (owner <> ''),
                run TEXT CHECK (run <> ''),
                scope TEXT NOT NULL,
                name TEXT NOT NULL CHECK (name <> ''),
                version INTEGER NOT NULL CHECK (version > 0),
                content_type TEXT NOT NULL,
                sha256 TEXT NOT NULL REFERENCES blob (sha256),
                created_at INTEGER NOT NULL,
                UNIQUE (scope, name, version)
            ) STRICT
            """,
            "CREATE INDEX artifact_by_run ON artifact (run, number)",
            "CREATE INDEX artifact_by_content ON artifact (sha256)")
    ]

    /// What the submission's key made before, if it did. Another content under it is a conflict.
    func replay(of submission: Submission) async throws -> Storage.Artifact? {
        try await database.read { db in try Self.replay(of: submission, in: db) }
    }

    /// Names a content that is on disk already; once per key.
    func add(_ submission: Submission) async throws -> Storage.Artifact {
        let (id, now) = (ambient.makeID("art"), ambient.now())
        return try await database.transaction { db in
            if let kept = try Self.replay(of: submission, in: db) { return kept }
            let (request, hash) = (submission.request, submission.hash.hex)
            try db.run(
                """
                INSERT INTO blob (sha256, bytes, created_at) VALUES ($1, $2, $3)
                ON CONFLICT (sha256) DO NOTHING
                """, hash, submission.bytes, now)
            let last = try db.first(
                "SELECT MAX(version) FROM artifact WHERE scope = $1 AND name = $2",
                submission.scope, request.name
            ) { $0.int(0) }
            let artifact = Storage.Artifact(
                id: id, owner: request.owner, run: request.run, name: request.name,
                contentType: request.contentType, bytes: submission.bytes, sha256: hash,
                version: (last ?? 0) + 1, createdAt: now)
            try Self.insert(artifact, submission, in: db)
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

    func list(run: String, limit: Int) async throws -> [Storage.Artifact] {
        try await database.read { db in
            try db.all(
                Self.select + " WHERE run = $1 ORDER BY number LIMIT $2", run, limit,
                read: Self.artifact)
        }
    }

    /// Those of `hashes` that no row names.
    func unnamed(among hashes: [BlobHash]) async throws -> [BlobHash] {
        try await database.read { db in
            try hashes.filter { hash in
                try db.first("SELECT 1 FROM blob WHERE sha256 = $1", hash.hex, read: { _ in true })
                    == nil
            }
        }
    }

    // MARK: Rows

    private static func replay(
        of submission: Submission, in db: Connection
    ) throws -> Storage.Artifact? {
        let kept = try db.first(
            select + " WHERE key = $1", submission.request.key, read: artifact)
        guard let kept else { return nil }
        guard submission.isSame(as: kept) else {
            throw Fault(.conflict, "the key was used for another document")
        }
        return kept
    }

    private static func insert(
        _ artifact: Storage.Artifact, _ submission: Submission, in db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO artifact
                (id, key, owner, run, scope, name, version, content_type, sha256, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, artifact.id, submission.request.key, artifact.owner, artifact.run,
            submission.scope, artifact.name, artifact.version, artifact.contentType,
            artifact.sha256, artifact.createdAt)
    }

    private static let select = """
        SELECT id, owner, run, name, content_type, bytes, artifact.sha256, version,
            artifact.created_at
        FROM artifact JOIN blob ON blob.sha256 = artifact.sha256
        """

    private static func artifact(_ row: Row) -> Storage.Artifact {
        Storage.Artifact(
            id: row.text(0), owner: row.text(1), run: row.textOrNil(2), name: row.text(3),
            contentType: row.text(4), bytes: row.int(5), sha256: row.text(6),
            version: row.int(7), createdAt: row.int64(8))
    }
}
