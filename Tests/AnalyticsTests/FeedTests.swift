import Contracts
import Database
import Log
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import AnalyticsService

@Suite struct FeedTests {
    @Test("the log is read in batches from the last number on, until it has no more")
    func batches() async throws {
        let rig = try await Rig(providers: true)
        rig.book.write((1...1_203).map { turn(Int64($0)) })
        #expect(try await rig.node.feed.catchUp() == 1_203)
        #expect(rig.book.asked == [0, 500, 1_000, 1_203])
        rig.book.write(turn(1_204))
        #expect(try await rig.node.feed.catchUp() == 1_204)
        #expect(try await rig.usage().totals == totals(1_204))
        #expect(try await rig.progress() == 1_204)
    }

    @Test("an entry counts once, however often it is sent")
    func replayed() async throws {
        let rig = try await Rig()
        let batch = (1...10).map { turn(Int64($0)) }
        for _ in 1...3 { #expect(try await rig.node.store.count(batch) == 10) }
        #expect(try await rig.node.store.count(Array(batch[3...]) + [turn(11)]) == 11)
        #expect(try await rig.usage().totals == totals(11))
    }

    @Test("an entry counts once though its cursor was lost")
    func lostCursor() async throws {
        let rig = try await Rig()
        try await rig.node.store.count((1...5).map { turn(Int64($0)) })
        try await rig.node.store.database.transaction { db in try db.run("DELETE FROM feed") }
        #expect(try await rig.node.store.count((1...6).map { turn(Int64($0)) }) == 6)
        #expect(try await rig.usage().totals == totals(6))
    }

    @Test("twenty readers of one log at once count each entry once")
    func manyReaders() async throws {
        let rig = try await Rig(providers: true)
        rig.book.write((1...700).map { turn(Int64($0)) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...20 { group.addTask { try await rig.node.feed.catchUp() } }
            try await group.waitForAll()
        }
        #expect(try await rig.usage().totals == totals(700))
        #expect(try await rig.progress() == 700)
    }

    @Test("a batch that the database refuses leaves rows, sums and cursor as they were")
    func allOrNothing() async throws {
        let rig = try await Rig()
        try await rig.node.store.count([turn(1)])
        try await rig.node.store.database.transaction { db in
            try db.execute(
                """
                CREATE TRIGGER refusal BEFORE INSERT ON rollup WHEN NEW.model = 'broken'
                BEGIN SELECT RAISE(ABORT, 'refused'); END
                """)
        }
        await #expect(throws: SQLiteError.self) {
            try await rig.node.store.count([turn(2), turn(3, model: "broken")])
        }
        #expect(try await rig.usage().totals == totals(1))
        #expect(try await rig.usage(since: january).totals == totals(1))
        #expect(try await rig.progress() == 1)
    }

    @Test("what the providers have forgotten is missing, and the rest still counts")
    func pruned() async throws {
        let rig = try await Rig(providers: true)
        rig.book.write((1...10).map { turn(Int64($0)) })
        rig.book.prune(upTo: 6)
        #expect(try await rig.node.feed.catchUp() == 10)
        #expect(try await rig.usage().totals == totals(4))
    }

    @Test("another log in place of the one that was read is not counted")
    func rewound() async throws {
        let rig = try await Rig(providers: true)
        rig.book.write((1...10).map { turn(Int64($0)) })
        #expect(try await rig.node.feed.catchUp() == 10)
        rig.book.tell(newest: 3)
        let gap = await #expect(throws: FeedGap.self) { try await rig.node.feed.catchUp() }
        #expect(gap == .rewound(after: 10, newest: 3))
        #expect(try await rig.progress() == 10)
    }

    @Test("without any hint the clock finds what is new")
    func lostHints() async throws {
        let rig = try await Rig(jobs: true, providers: true)
        for number in 1...3 {
            rig.book.write(turn(Int64(number)))
            #expect(try await eventually { try await rig.progress() == Int64(number) })
        }
        #expect(try await rig.usage().totals == totals(3))
    }

    @Test("the feed outlives owners that are missing, starting or failing")
    func failingOwner() async throws {
        let rig = try await Rig(jobs: true)
        rig.book.write(turn(1))
        rig.book.fail(Fault(.internal, "a bad day"), times: 2)
        #expect(try await rig.progress() == 0)
        try await rig.startProviders()
        #expect(try await eventually { try await rig.progress() == 1 })
        #expect(rig.book.asked.count >= 3)
    }

    @Test("a hint is answered long before the clock would look")
    func hints() async throws {
        let rig = try await Rig(jobs: true, providers: true, pollMilliseconds: 600_000)
        let events = MeshDirectory(folder: rig.mesh.data.path + "/run").events(of: "providers")
        let publisher = try SocketPublisher(listening: events, log: Log("test", level: .error))
        rig.book.write(turn(1))
        // The subscriber dials on its own time: who is not connected yet hears nothing.
        let heard = try await eventually {
            publisher.publish(Providers.UsageRecorded(last: 1))
            return try await rig.progress() == 1
        }
        #expect(heard)
    }
}
