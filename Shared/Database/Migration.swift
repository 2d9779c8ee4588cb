internal import SQLite

/// One change to a schema, run once per file, in a transaction of its own.
///
/// Migrations are append-only: a released one stays as it is. A file knows them by name, so modules
/// that share a file may each add to their own list; a name therefore begins with its module.
public struct Migration: Sendable {
    /// How a file remembers that it ran.
    public let name: String
    let statements: [String]

    /// Each text may hold several statements; all of them run, or none.
    public init(_ name: String, _ sql: String...) {
        (self.name, statements) = (name, sql)
    }

    /// FNV-1a over the text, so that a changed migration is noticed; it does not resist a forger.
    public var hash: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for statement in statements {
            for byte in statement.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = hash &* 0x100_0000_01b3
        }
        return Int64(bitPattern: hash)
    }
}

/// Brings one file up to what the code expects, or refuses to open it.
struct Migrator {
    let connection: Connection
    let path: String

    func migrate(_ migrations: [Migration]) throws {
        var known: [String: Migration] = [:]
        for migration in migrations {
            guard known.updateValue(migration, forKey: migration.name) == nil else {
                throw DatabaseError.repeated(migration: migration.name)
            }
        }
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                name TEXT PRIMARY KEY,
                hash INTEGER NOT NULL,
                at INTEGER NOT NULL
            ) STRICT
            """)
        let applied = try connection.all(
            "SELECT name, hash FROM schema_migration ORDER BY at, name"
        ) { ($0.text(0), $0.int64(1)) }
        for (name, hash) in applied {
            guard let migration = known.removeValue(forKey: name) else {
                throw DatabaseError.newer(path: path, migration: name)
            }
            guard migration.hash == hash else {
                throw DatabaseError.changed(path: path, migration: name)
            }
        }
        for migration in migrations where known[migration.name] != nil { try apply(migration) }
    }

    private func apply(_ migration: Migration) throws {
        try connection.run("BEGIN IMMEDIATE")
        do {
            // Another process may have been first, between our look and our lock.
            let isNew = try connection.run(
                """
                INSERT INTO schema_migration (name, hash, at) VALUES ($1, $2, $3)
                ON CONFLICT DO NOTHING
                """, migration.name, migration.hash, WallClock.milliseconds())
            if isNew == 1 {
                for statement in migration.statements { try connection.execute(statement) }
            }
            try connection.run("COMMIT")
        } catch {
            if connection.isInTransaction { try connection.run("ROLLBACK") }
            throw error
        }
    }
}
