import Database
import Glibc
import Testing

@Suite struct TransactionTests {
    struct Refused: Error {}

    let database: Database

    init() throws {
        database = try Database(path: ":memory:", migrations: [things, Outbox.migration])
    }

    private func names() async throws -> [String] {
        try await database.read { db in
            try db.all("SELECT name FROM thing ORDER BY name") { $0.text(0) }
        }
    }

    @Test("a read sees what a transaction that returned has committed")
    func readsSeeCommits() async throws {
        for number in 1...20 {
            try await database.transaction {
                try $0.run("INSERT INTO thing (name) VALUES ($1)", "n\(number)")
            }
            #expect(try await names().count == number)
        }
    }

    @Test("of the jobs in one commit only the failing ones are refused")
    func neighboursStay() async throws {
        let database = database
        let commits = Shared(0)
        // Holds the writer until the others are queued, so that they share a commit.
        let gate = Shared(false)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await database.transaction { _ in
                    gate.hold()
                }
                return true
            }
            for number in 0..<30 {
                group.addTask {
                    do {
                        try await database.transaction(committed: { _ in
                            commits.change { $0 += 1 }
                        }) { db in
                            try db.run("INSERT INTO thing (name) VALUES ($1)", "n\(number)")
                            if number % 3 == 0 { throw Refused() }
                            if number % 3 == 1 {
                                try db.run("INSERT INTO thing (name) VALUES ($1)", "n\(number)")
                            }
                        }
                        return true
                    } catch is Refused {
                        return false
                    } catch let error as SQLiteError where error.isUnique {
                        return false
                    }
                }
            }
            gate.set()
            var succeeded = 0
            for try await done in group where done { succeeded += 1 }
            #expect(succeeded == 11)
        }
        #expect(commits.now == 10)
        #expect(try await names().count == 10)
    }

    @Test("a body that ends its transaction is refused, and the next one works")
    func endedTransaction() async throws {
        await #expect(throws: DatabaseError.transactionEnded) {
            try await database.transaction { try $0.run("ROLLBACK") }
        }
        try await database.transaction { try $0.run("INSERT INTO thing (name) VALUES ('a')") }
        #expect(try await names() == ["a"])
    }

    @Test("a deferred reference that stays broken refuses its own job")
    func brokenReference() async throws {
        try await database.transaction {
            try $0.execute(
                """
                CREATE TABLE part (thing INTEGER NOT NULL
                    REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED) STRICT
                """)
        }
        await #expect {
            try await database.transaction { try $0.run("INSERT INTO part VALUES (9)") }
        } throws: { ($0 as? SQLiteError)?.isConstraint == true }
        let count = try await database.read {
            try $0.first("SELECT count(*) FROM part") { $0.int(0) }
        }
        #expect(count == 0)
    }

    @Test("a reader cannot write")
    func readersOnlyRead() async throws {
        await #expect(throws: SQLiteError.self) {
            try await database.read { try $0.run("INSERT INTO thing (name) VALUES ('a')") }
        }
        #expect(try await names() == [])
    }

    @Test("a full queue refuses the next job and says its limit")
    func overload() async throws {
        var options = DatabaseOptions()
        options.writeQueueLimit = 1
        let database = try Database(path: ":memory:", migrations: [], options: options)
        let held = Shared(false)
        let free = Shared(false)
        async let holder: Void = database.transaction { _ in
            held.set()
            free.hold()
        }
        while !held.now { await Task.yield() }
        // Two callers for one place: whoever comes second is refused, and lets the holder go.
        let results = await withTaskGroup(of: DatabaseError?.self) { group in
            for _ in 1...2 {
                group.addTask {
                    do {
                        try await database.transaction { _ in }
                        return nil
                    } catch {
                        free.set()
                        return error as? DatabaseError
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        try await holder
        #expect(results.compactMap { $0 } == [.overloaded(limit: 1)])
    }

    @Test("a closed database has finished what was queued and takes nothing more")
    func closing() async throws {
        let folder = try Folder()
        let database = try Database(path: folder.file, migrations: [things])
        try await database.transaction { try $0.run("INSERT INTO thing (name) VALUES ('a')") }
        database.close()
        await #expect(throws: DatabaseError.closed) { try await database.transaction { _ in } }
        await #expect(throws: DatabaseError.closed) { try await database.read { _ in } }
        let again = try Database(path: folder.file, migrations: [things])
        let count = try await again.read {
            try $0.first("SELECT count(*) FROM thing") { $0.int(0) }
        }
        #expect(count == 1)
    }

    @Test("two databases in memory share nothing and leave no file")
    func memoryIsPrivate() async throws {
        var path = ""
        do {
            let other = try Database(path: ":memory:", migrations: [things])
            path = other.path
            try await other.transaction { try $0.run("INSERT INTO thing (name) VALUES ('a')") }
            #expect(access(path, F_OK) == 0)
        }
        #expect(try await names() == [])
        #expect(access(path, F_OK) != 0)
    }

    @Test("an alarm rings when it asked to, and again after a call that failed")
    func alarms() async throws {
        let calls = Shared(0)
        let (stream, told) = AsyncStream.makeStream(of: Int.self)
        let alarm = database.addAlarm { db in
            let call = calls.change { count in
                count += 1
                return count
            }
            try db.run("INSERT INTO thing (name) VALUES ($1)", "call \(call)")
            if call == 2 { throw Refused() }
            return Alarm.Next(after: call < 3 ? .milliseconds(1) : nil) { told.yield(call) }
        }
        alarm.ring()
        var heard: [Int] = []
        for await call in stream {
            heard.append(call)
            if call == 3 { break }
        }
        alarm.cancel()
        #expect(heard == [1, 3])
        #expect(try await names() == ["call 1", "call 3"])
    }
}
