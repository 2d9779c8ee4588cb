import Database
import Synchronization
import Testing

@Suite struct GlanceTests {
    let database: Database

    init() throws { database = try Database(path: ":memory:", migrations: [things]) }

    private func add(_ name: String) async throws {
        try await database.transaction { db in
            try db.run("INSERT INTO thing (name) VALUES ($1)", name)
        }
    }

    private func count() async throws -> Int? {
        try await database.glance { db in
            try db.first("SELECT count(*) FROM thing") { $0.int(0) }
        }
    }

    @Test("a glance sees what a transaction that returned has committed")
    func seesCommits() async throws {
        for number in 1...20 {
            try await add("n\(number)")
            #expect(try await count() == number)
        }
    }

    @Test("a glance finds nothing where there is nothing, and cannot write")
    func nothing() async throws {
        let none = try await database.glance { db in
            try db.first("SELECT name FROM thing WHERE id = 7") { $0.text(0) }
        }
        #expect(none == nil)
        await #expect(throws: SQLiteError.self) {
            try await database.glance { try $0.run("INSERT INTO thing (name) VALUES ('a')") }
        }
        #expect(try await count() == 0)
    }

    @Test("a glance while another one looks goes to a reader's thread")
    func twoAtOnce() async throws {
        let database = database
        try await add("a")
        // Within the first, on its own thread, nothing else can be looked at.
        let (inner, outer) = (Shared(0), Shared(0))
        let waiting = Shared<Task<Void, any Error>?>(nil)
        try await database.glance { db in
            let task = Task {
                let seen = try await database.glance { db in
                    try db.first("SELECT count(*) FROM thing") { $0.int(0) }
                }
                inner.change { $0 = seen ?? -1 }
            }
            waiting.change { $0 = task }
            let seen = try db.first("SELECT count(*) FROM thing") { $0.int(0) }
            outer.change { $0 = seen ?? -1 }
        }
        try await waiting.now?.value
        #expect(inner.now == 1 && outer.now == 1)
    }

    @Test("what is locked by another process is read by a reader, who waits for it")
    func locked() async throws {
        struct Late: Error {}
        let tries = Shared(0)
        let seen = try await database.glance { db -> Int in
            let number = tries.change { tries in
                tries += 1
                return tries
            }
            guard number > 1 else { throw SQLiteError(code: 5, message: "locked", sql: "") }
            return number
        }
        #expect(seen == 2)
        await #expect(throws: Late.self) { try await database.glance { _ in throw Late() } }
    }

    @Test("a closed database is not looked at")
    func closing() async throws {
        database.close()
        await #expect(throws: DatabaseError.closed) { _ = try await count() }
    }

    @Test(
        "the edition grows with each commit, before its caller hears of it, and with nothing else")
    func edition() async throws {
        let before = database.edition
        _ = try await count()
        #expect(database.edition == before)
        try await add("a")
        #expect(database.edition == before + 1)
        let database = database
        try await database.transaction(committed: { _ in
            #expect(database.edition == before + 2)
        }) { _ in }
        await #expect(throws: SQLiteError.self) { try await add("a") }
        #expect(database.edition == before + 2)
    }
}
