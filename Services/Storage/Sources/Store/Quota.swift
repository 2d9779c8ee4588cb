import Contracts
import Database
import MeshContract

/// What each owner keeps, and may keep. Counted in the transaction that names or forgets, by the
/// artifacts' own sizes: what two share is counted for both.
enum Quota {
    /// Counts what an owner adds; `capped` when it is more than he may keep.
    static func take(_ bytes: Int, by owner: String, default limit: Int?, in db: Connection) throws
    {
        let usage = try usage(of: owner, default: limit, in: db)
        if let quota = usage.quota, bytes > quota - usage.bytes {
            throw Fault(
                .capped,
                "\(bytes) bytes more than \(usage.bytes) are over the storage quota of \(quota)",
                detail: "storage_bytes \(quota)")
        }
        try db.run(
            """
            INSERT INTO usage (owner, bytes, artifacts) VALUES ($1, $2, 1)
            ON CONFLICT (owner) DO UPDATE
            SET bytes = bytes + excluded.bytes, artifacts = artifacts + 1
            """, owner, bytes)
    }

    static func give(_ bytes: Int, to owner: String, in db: Connection) throws {
        try db.run(
            "UPDATE usage SET bytes = bytes - $1, artifacts = artifacts - 1 WHERE owner = $2",
            bytes, owner)
    }

    static func usage(
        of owner: String, default limit: Int?, in db: Connection
    ) throws -> Storage.Usage {
        let kept = try db.first(
            "SELECT bytes, artifacts FROM usage WHERE owner = $1", owner
        ) { ($0.int(0), $0.int(1)) }
        let own = try db.first("SELECT bytes FROM quota WHERE owner = $1", owner) { $0.int(0) }
        return Storage.Usage(
            owner: owner, bytes: kept?.0 ?? 0, artifacts: kept?.1 ?? 0, quota: own ?? limit)
    }

    /// nil takes the owner's own quota away: the default counts again.
    static func set(_ bytes: Int?, for owner: String, in db: Connection) throws {
        guard let bytes else {
            try db.run("DELETE FROM quota WHERE owner = $1", owner)
            return
        }
        try db.run(
            """
            INSERT INTO quota (owner, bytes) VALUES ($1, $2)
            ON CONFLICT (owner) DO UPDATE SET bytes = excluded.bytes
            """, owner, bytes)
    }
}
