import Contracts
import Database
import MeshContract
import ServiceKit

/// Links that let anybody fetch an artifact for a time.
struct LinkStore: Sendable {
    /// The most that may count at once for one artifact.
    static let most = 100

    let database: Database
    let ambient: Ambient
    let key: [UInt8]

    func add(artifact: String, owner: String, seconds: Int) async throws -> Storage.Link {
        let (id, now) = (ambient.makeID("lnk"), ambient.now())
        let end = now + Int64(seconds) * 1_000
        try await database.transaction { db in
            try db.run("DELETE FROM link WHERE expires_at <= $1", now)
            let count = try db.first(
                "SELECT COUNT(*) FROM link WHERE artifact = $1", artifact
            ) { $0.int(0) }
            guard (count ?? 0) < Self.most else {
                throw Fault(.capped, "\(Self.most) links of it count; revoke one")
            }
            try db.run(
                """
                INSERT INTO link (id, artifact, owner, expires_at, created_at)
                VALUES ($1, $2, $3, $4, $5)
                """, id, artifact, owner, end, now)
        }
        return Storage.Link(
            id: id, artifact: artifact, token: LinkToken.make(id, key: key), expiresAt: end)
    }

    /// The artifact behind a token that still counts; nil for every other, whatever it is.
    func open(_ token: String) async throws -> Storage.Artifact? {
        guard let id = LinkToken.id(in: token, key: key) else { return nil }
        let now = ambient.now()
        return try await database.read { db in
            let artifact = try db.first(
                "SELECT artifact FROM link WHERE id = $1 AND expires_at > $2", id, now
            ) { $0.text(0) }
            guard let artifact else { return nil }
            return try db.first(
                ArtifactStore.select + " WHERE artifact.id = $1", artifact,
                read: ArtifactStore.artifact)
        }
    }

    func list(artifact: String, owner: String) async throws -> [Storage.Link] {
        let now = ambient.now()
        return try await database.read { db in
            try db.all(
                """
                SELECT id, expires_at FROM link
                WHERE artifact = $1 AND owner = $2 AND expires_at > $3 ORDER BY id
                """, artifact, owner, now
            ) { row in
                Storage.Link(
                    id: row.text(0), artifact: artifact, token: nil, expiresAt: row.int64(1))
            }
        }
    }

    func revoke(_ id: String, owner: String) async throws {
        try await database.transaction { db in
            try db.run("DELETE FROM link WHERE id = $1 AND owner = $2", id, owner)
        }
    }
}
