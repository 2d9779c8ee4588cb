import Database
import Testing

@Suite struct OutboxTests {
    struct Refused: Error {}

    let database: Database

    init() throws { database = try Database(path: ":memory:", migrations: Outbox.migrations) }

    @Test("a reader gets its topic's messages in order and goes on where it stopped")
    func reading() async throws {
        try await database.transaction { db in
            for number in 1...6 {
                let topic = number % 2 == 0 ? "even" : "odd"
                try Outbox.append(topic: topic, body: [UInt8(number)], at: 1_000, in: db)
            }
        }
        let (even, rest, all) = try await database.read { db in
            let even = try Outbox.read(after: 0, topic: "even", limit: 2, in: db)
            let rest = try Outbox.read(after: even.last?.seq ?? 0, topic: "even", in: db)
            return (even, rest, try Outbox.read(after: 4, in: db))
        }
        #expect(even.map(\.body) == [[2], [4]])
        #expect(rest.map(\.body) == [[6]])
        #expect(all.map(\.seq) == [5, 6])
        #expect(all.first?.topic == "odd" && all.first?.at == 1_000)
    }

    @Test(
        "many at once have their numbers in order, and the last one is told",
        arguments: [0, 1, 31, 32, 33, 100])
    func many(count: Int) async throws {
        let (last, all) = try await database.transaction { db in
            try Outbox.append(topic: "before", body: [0], at: 0, in: db)
            let drafts = (0..<count).map {
                Outbox.Draft(body: [UInt8($0)], at: Int64($0) * 10)
            }
            let last = try Outbox.append(topic: "t", drafts, in: db)
            return (last, try Outbox.read(after: 0, topic: "t", in: db))
        }
        #expect(last == (count == 0 ? 0 : Int64(count) + 1))
        #expect(all.map(\.body) == (0..<count).map { [UInt8($0)] })
        #expect(all.map(\.at) == (0..<count).map { Int64($0) * 10 })
        #expect(all.map(\.seq) == (0..<count).map { Int64($0) + 2 })
    }

    @Test("a transaction that fails sends nothing")
    func failing() async throws {
        await #expect(throws: Refused.self) {
            try await database.transaction { db in
                try Outbox.append(topic: "t", body: [], at: 0, in: db)
                throw Refused()
            }
        }
        #expect(try await database.read { try Outbox.read(after: 0, in: $0) } == [])
    }

    @Test("a number is not used again after a prune")
    func pruning() async throws {
        let next = try await database.transaction { db in
            for _ in 1...3 { try Outbox.append(topic: "t", body: [], at: 0, in: db) }
            #expect(try Outbox.prune(upTo: 3, in: db) == 3)
            return try Outbox.append(topic: "t", body: [], at: 0, in: db)
        }
        #expect(next == 4)
    }

    @Test("a page tells how far the log goes, and what of it is gone")
    func pages() async throws {
        try await database.transaction { db in
            let none = try Outbox.page(after: 0, topic: "a", in: db)
            #expect(none.entries == [] && none.pruned == nil && none.newest == 0)
            for number in 1...6 {
                let topic = number > 4 ? "b" : "a"
                try Outbox.append(topic: topic, body: [], at: Int64(number) * 10, in: db)
            }
            let page = try Outbox.page(after: 1, topic: "a", limit: 2, in: db)
            #expect(page.entries.map(\.seq) == [2, 3])
            #expect((page.pruned, page.newest) == (nil, 4))
            #expect(try Outbox.prune(upTo: 2, in: db) == 2)
            #expect(try Outbox.page(after: 0, topic: "a", in: db).pruned == 2)
            #expect(try Outbox.page(after: 0, topic: "b", in: db).pruned == nil)
            #expect(try Outbox.prune(before: 1_000, topic: "a", in: db) == 2)
            let gone = try Outbox.page(after: 4, topic: "a", in: db)
            #expect(gone.entries == [] && gone.pruned == 4 && gone.newest == 4)
            #expect(try Outbox.page(after: 0, topic: "b", in: db).entries.map(\.seq) == [5, 6])
        }
    }

    @Test("what is old is pruned a part at a time, and what is young stays")
    func pruningByAge() async throws {
        try await database.transaction { db in
            for number in 1...5 {
                try Outbox.append(topic: "a", body: [], at: Int64(number), in: db)
            }
            #expect(try Outbox.prune(before: 4, topic: "a", limit: 2, in: db) == 2)
            #expect(try Outbox.prune(before: 4, topic: "a", limit: 2, in: db) == 1)
            #expect(try Outbox.prune(before: 4, topic: "a", limit: 2, in: db) == 0)
            #expect(try Outbox.page(after: 0, topic: "a", in: db).entries.map(\.seq) == [4, 5])
        }
    }

    @Test("a cursor starts at nothing, and each feed has its own")
    func cursors() async throws {
        let database = try Database(path: ":memory:", migrations: [FeedCursor.migration])
        try await database.transaction { db in
            #expect(try FeedCursor.read("one", in: db) == 0)
            try FeedCursor.move("one", to: 7, in: db)
            try FeedCursor.move("two", to: 3, in: db)
            try FeedCursor.move("one", to: 5, in: db)
            #expect(try FeedCursor.read("one", in: db) == 5)
            #expect(try FeedCursor.read("two", in: db) == 3)
        }
    }
}
