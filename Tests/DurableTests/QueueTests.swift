import Database
import Durable
import Testing

@Suite(.timeLimit(.minutes(1))) struct QueueTests {
    /// Notes when it is at work, and works until it is let go.
    struct Work: Workflow {
        static let name = "work"
        static let version = 1
        let log: Shared<[String]>
        /// How many of each may end.
        let gate: Shared<[String: Int]>

        func run(_ who: String, _ run: Run) async throws -> Done {
            try await run.step("work") { [log, gate] _ in
                log.note(who)
                while gate.change({ free in
                    let isHeld = free[who, default: 0] == 0
                    if !isHeld { free[who, default: 0] -= 1 }
                    return isHeld
                }) {
                    try await Task.sleep(for: .milliseconds(1))
                }
                return Done()
            }
        }
    }

    private func eventually(_ condition: () async throws -> Bool) async rethrows {
        for _ in 0..<5_000 {
            if try await condition() { return }
            try? await Task.sleep(for: .milliseconds(1))
        }
        Issue.record("it did not come to that")
    }

    @Test("each place that falls free goes to the user who has the fewest")
    func fairShare() async throws {
        let (log, gate) = (Shared<[String]>([]), Shared<[String: Int]>([:]))
        var options = EngineOptions()
        options.queues = ["q": QueueLimits(width: 2)]
        try await withEngine([Work(log: log, gate: gate)], options: options) { engine in
            for number in 0..<8 {
                let lane = Lane(queue: "q", share: "greedy")
                try await engine.start(Work.self, "greedy", id: "g\(number)", lane: lane)
            }
            await eventually { log.now.count == 2 }
            for number in 0..<2 {
                let lane = Lane(queue: "q", share: "modest")
                try await engine.start(Work.self, "modest", id: "m\(number)", lane: lane)
            }
            // The first place that falls free is modest's; so is modest's own.
            for (who, count) in [("greedy", 3), ("modest", 4), ("greedy", 5)] {
                gate.change { $0[who, default: 0] += 1 }
                await eventually { log.now.count == count }
            }
            gate.change { $0 = ["greedy": 100, "modest": 100] }
            for number in 0..<8 { try await engine.until("g\(number)", .completed) }
            for number in 0..<2 { try await engine.until("m\(number)", .completed) }
        }
        #expect(log.now.prefix(5) == ["greedy", "greedy", "modest", "modest", "greedy"])
    }

    @Test("a queue's width and a share's most hold, and other queues are not held up")
    func limits() async throws {
        let (log, gate) = (Shared<[String]>([]), Shared<[String: Int]>([:]))
        var options = EngineOptions()
        options.queues = ["q": QueueLimits(width: 3, perShare: 2)]
        try await withEngine([Work(log: log, gate: gate), Ask()], options: options) { engine in
            for number in 0..<4 {
                let lane = Lane(queue: "q", share: "a")
                try await engine.start(Work.self, "a", id: "a\(number)", lane: lane)
                let one = Lane(queue: "q", share: "b", most: 1)
                try await engine.start(Work.self, "b", id: "b\(number)", lane: one)
            }
            await eventually { log.now.count == 3 }
            // Nothing that waits for a place keeps others from theirs.
            try await engine.start(Ask.self, 1, id: "free")
            try await engine.until("free", .waiting)
            #expect(log.count("a") == 2 && log.count("b") == 1)
            // What is cancelled needs no place to end.
            #expect(try await engine.cancel("a3"))
            try await engine.until("a3", .cancelled)
            gate.change { $0 = ["a": 100, "b": 100] }
            for id in ["a2", "b3"] { try await engine.until(id, .completed) }
        }
        #expect(log.count("a") == 3 && log.count("b") == 4)
    }

    @Test("a run that waits gives its place away")
    func waiting() async throws {
        var options = EngineOptions()
        options.queues = ["q": QueueLimits(width: 1)]
        try await withEngine([Ask()], options: options) { engine in
            for number in 0..<5 {
                try await engine.start(
                    Ask.self, number, id: "w\(number)", lane: Lane(queue: "q", share: "u"))
            }
            for number in 0..<5 { try await engine.until("w\(number)", .waiting) }
            for number in 0..<5 { try await engine.decide("w\(number)", gate: "go", true) }
            for number in 0..<5 { try await engine.until("w\(number)", .completed) }
        }
    }

    @Test("many lanes are all served, whatever their number")
    func manyLanes() async throws {
        let database = try Database(path: ":memory:", migrations: Engine.migrations)
        let idle = Engine(database: database, workflows: [])
        for number in 0..<300 {
            try await idle.start(
                Ask.self, number, id: "l\(number)", lane: Lane(queue: "", share: "u\(number)"))
        }
        try await withEngine([Ask()], in: database) { engine in
            for number in 0..<300 { try await engine.until("l\(number)", .waiting) }
        }
        database.close()
    }
}
