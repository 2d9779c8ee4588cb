import Database
import Durable
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventTests {
    struct Refused: Error {}

    struct Talk: Workflow {
        static let name = "talk"
        static let version = 1

        func run(_ input: Int, _ run: Run) async throws -> Done {
            _ = try await run.gate("go", as: Bool.self)
            return try await run.step("say") { step in
                try step.progress("half")
                return Done()
            }
        }
    }

    private static let placed = Migration(
        "orders: placed", "CREATE TABLE placed (run TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT")

    private func open() throws -> Database {
        try Database(
            path: ":memory:", migrations: Engine.migrations + [Outbox.migration, Self.placed])
    }

    private func place(_ id: String, on engine: Engine, refuse: Bool = false) async throws -> Bool {
        try await engine.start(Ask.self, 1, id: id) { db in
            try db.run("INSERT INTO placed (run, text) VALUES ($1, 'tea')", id)
            if refuse { throw Refused() }
        }
    }

    @Test("a caller's rows are written with the start, once, or not at all")
    func alongside() async throws {
        let database = try open()
        try await withEngine([Ask()], in: database) { engine in
            let (first, second) = (
                try await place("a", on: engine), try await place("a", on: engine)
            )
            #expect(first && !second)
            await #expect(throws: Refused.self) {
                try await place("b", on: engine, refuse: true)
            }
            let refused = try await engine.status("b")
            #expect(refused == nil)
        }
        let placed = try await database.read { try $0.all("SELECT run FROM placed") { $0.text(0) } }
        #expect(placed == ["a"])
    }

    @Test("the engine's released migrations are as they were released")
    func frozen() {
        #expect(
            Engine.migrations.map(\.hash) == [
                -1_277_700_288_862_728_271, 2_337_202_448_919_298_460,
                7_280_831_497_063_212_363,
            ])
    }

    @Test("every event is mirrored in its own transaction, in order")
    func mirror() async throws {
        let database = try open()
        var options = EngineOptions()
        options.mirror = { db, run, event in
            try Outbox.append(
                topic: "\(run) \(event.kind)", body: event.body, at: event.seq, in: db)
        }
        try await withEngine([Ask()], in: database, options: options) { engine in
            try await engine.start(Ask.self, 1, id: "a")
            try await engine.until("a", .waiting)
            try await engine.decide("a", gate: "go", true)
            try await engine.until("a", .completed)
        }
        let sent = try await database.read { try Outbox.read(after: 0, in: $0) }
        let kinds = [
            "run.started", "one", "asked", "gate.opened", "gate.decided", "run.completed",
        ]
        #expect(sent.map(\.topic) == kinds.map { "a \($0)" })
        #expect(sent.map(\.at) == [1, 2, 3, 4, 5, 6])
    }

    @Test("a reader that comes back gets what it missed and nothing twice")
    func paging() async throws {
        let calls = Shared<[String]>([])
        try await withEngine([Count(calls: calls)]) { engine in
            try await engine.start(Count.self, 8, id: "r")
            try await engine.until("r", .completed)
            var seen: [Int64] = []
            while true {
                let page = try await engine.events("r", after: seen.last ?? 0, limit: 3)
                if page.isEmpty { break }
                seen += page.map(\.seq)
            }
            #expect(seen == Array(1...10))
        }
    }

    @Test("a watcher sees progress, and its stream ends with the run")
    func watching() async throws {
        try await withEngine([Talk()]) { engine in
            try await engine.start(Talk.self, 0, id: "w")
            try await engine.until("w", .waiting)
            let notices = engine.watch("w")
            try await engine.decide("w", gate: "go", true)
            var progress: [String] = []
            for await notice in notices {
                guard case .progress(let path, let body) = notice else { continue }
                progress.append("\(path) \(body.count > 0)")
            }
            #expect(progress == ["1.say true"])
            #expect(try await engine.status("w")?.state == .completed)
        }
    }
}
