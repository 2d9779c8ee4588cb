import Database
import Testing

@Suite struct OutboxTests {
    struct Refused: Error {}

    let database: Database

    init() throws { database = try Database(path: ":memory:", migrations: [Outbox.migration]) }

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
}
