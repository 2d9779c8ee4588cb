import Database
import Durable
import Testing

@Suite(.timeLimit(.minutes(1))) struct CrashTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    private func open() throws -> Database {
        try Database(path: folder.file, migrations: Engine.migrations)
    }

    /// From `point` on nothing reaches the file, and nobody is told that the engine ended.
    private func dying(at point: String, _ database: Database, _ died: Moment) -> EngineOptions {
        var options = EngineOptions()
        options.fault = { label in
            guard label == point else { return }
            database.close()
            died.happen()
        }
        return options
    }

    @Test(
        "a run goes on where its process ended, and repeats no step that was journaled",
        arguments: [
            "r:start committed", "r:0.add before", "r:3.add performed", "r:3.add committed",
            "r:5.add committed", "r:finish before", "r:finish committed",
        ])
    func resumes(point: String) async throws {
        let calls = Shared<[String]>([])
        let died = Moment()
        let database = try open()
        let options = dying(at: point, database, died)
        try await withEngine([Count(calls: calls)], in: database, options: options) { engine in
            try await engine.start(Count.self, 6, id: "r")
            await died.wait()
        }
        // At these points the step in hand had no row yet.
        let isOpen = point.hasSuffix("performed") || point.hasSuffix("add before")
        let kept = isOpen ? calls.now.dropLast() : calls.now[...]
        try await withEngine([Count(calls: calls)], in: try open()) { engine in
            try await engine.until("r", .completed)
            #expect(try await engine.result("r", as: Int.self) == 6)
            #expect(try await engine.status("r")?.spent == 60)
            let expected = ["run.started"] + Array(repeating: "added", count: 6) + ["run.completed"]
            #expect(try await engine.kinds("r") == expected)
        }
        for key in kept { #expect(calls.count(key) == 1) }
        #expect(Set(calls.now) == Set((0..<6).map { "r/\($0).add" }))
    }

    @Test("an engine that is stopped leaves its runs to the next")
    func stops() async throws {
        let database = try open()
        try await withEngine([Ask()], in: database) { engine in
            try await engine.start(Ask.self, 1, id: "a")
            try await engine.until("a", .waiting)
        }
        database.close()
        try await withEngine([Ask()], in: try open()) { engine in
            #expect(try await engine.decide("a", gate: "go", true))
            try await engine.until("a", .completed)
            #expect(try await engine.result("a", as: String.self) == "21")
        }
    }

    struct Pay: Workflow {
        static let name = "pay"
        static let version = 1
        let calls: Shared<[String]>

        func run(_ input: Int, _ run: Run) async throws -> Int {
            try await run.step("pay", .init(effect: .once)) { [calls] _ in
                calls.note("paid")
                return 1
            }
        }
    }

    @Test("a step that must not be repeated stops as in doubt, until a person says what it did")
    func inDoubt() async throws {
        let calls = Shared<[String]>([])
        let died = Moment()
        let database = try open()
        let options = dying(at: "p:0.pay performed", database, died)
        try await withEngine([Pay(calls: calls)], in: database, options: options) { engine in
            try await engine.start(Pay.self, 0, id: "p")
            await died.wait()
        }
        try await withEngine([Pay(calls: calls)], in: try open()) { engine in
            let status = try await engine.until("p", .attention)
            #expect(status.reason?.hasPrefix("in doubt") == true)
            #expect(try await engine.reconcile("p", step: "0.pay", 7))
            #expect(try await engine.reconcile("p", step: "0.pay", 8) == false)
            try await engine.resume("p")
            try await engine.until("p", .completed)
            #expect(try await engine.result("p", as: Int.self) == 7)
        }
        #expect(calls.now == ["paid"])
    }

    @Test("two engines share one file: every run completes, and no step is run twice")
    func twoEngines() async throws {
        let calls = Shared<[String]>([])
        let (one, two) = (try open(), try open())
        try await withEngine([Count(calls: calls)], in: one) { first in
            try await withEngine([Count(calls: calls)], in: two) { second in
                for number in 0..<20 {
                    let engine = number % 2 == 0 ? first : second
                    try await engine.start(Count.self, 3, id: "r\(number)")
                }
                for number in 0..<20 {
                    while try await first.status("r\(number)")?.state != .completed {
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
            }
        }
        #expect(calls.now.count == 60 && Set(calls.now).count == 60)
    }
}
