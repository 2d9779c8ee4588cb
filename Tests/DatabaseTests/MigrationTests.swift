import Database
import Testing

@Suite struct MigrationTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    private let more = Migration("more", "ALTER TABLE thing ADD COLUMN size INTEGER", "SELECT 1")

    @Test("each migration runs once, and a module may add its own before another's")
    func once() async throws {
        for list in [
            [things], [things], [Outbox.migration, things], [Outbox.migration, things, more],
        ] {
            let database = try Database(path: folder.file, migrations: list)
            let names = try await database.read {
                try $0.all("SELECT name FROM schema_migration ORDER BY name") { $0.text(0) }
            }
            #expect(names == list.map(\.name).sorted())
            database.close()
        }
    }

    @Test("a file newer than the code is refused by name")
    func newer() throws {
        try Database(path: folder.file, migrations: [things, more]).close()
        #expect(throws: DatabaseError.newer(path: folder.file, migration: "more")) {
            try Database(path: folder.file, migrations: [things])
        }
    }

    @Test("a migration that changed after its release is refused")
    func changed() throws {
        try Database(path: folder.file, migrations: [things]).close()
        let other = Migration("things", "CREATE TABLE thing (id INTEGER PRIMARY KEY) STRICT")
        #expect(throws: DatabaseError.changed(path: folder.file, migration: "things")) {
            try Database(path: folder.file, migrations: [other])
        }
        #expect(throws: DatabaseError.repeated(migration: "things")) {
            try Database(path: folder.file, migrations: [things, other])
        }
    }

    @Test("a migration that fails leaves nothing behind")
    func failing() async throws {
        let bad = Migration(
            "bad", "CREATE TABLE half (id INTEGER)", "CREATE TABLE half (id INTEGER)")
        #expect(throws: SQLiteError.self) {
            try Database(path: folder.file, migrations: [things, bad])
        }
        let database = try Database(path: folder.file, migrations: [things])
        let tables = try await database.read {
            try $0.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
                $0.text(0)
            }
        }
        #expect(tables == ["schema_migration", "thing"])
        database.close()
    }

    @Test("the outbox's released migration is as it was released")
    func frozen() {
        #expect(Outbox.migration.hash == 2_728_688_539_570_811_660)
    }
}
