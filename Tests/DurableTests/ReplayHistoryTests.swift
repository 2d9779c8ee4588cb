import Database
import Durable
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReplayHistoryTests {
    /// `Ask` with a change that its name and version do not tell.
    struct Changed: Workflow {
        static let name = "ask"
        static let version = 1
        let how: String

        func run(_ input: Int, _ run: Run) async throws -> String {
            let one = try await run.step(how == "name" ? "eins" : "one", input: input) { x, _ in x }
            let two = try await run.step("two", input: how == "input" ? 3 : 2) { x, _ in x }
            guard try await run.gate("go", as: Bool.self) else { return "no" }
            if how == "more" { _ = try await run.step("extra") { _ in 1 } }
            let sum = try await run.step("three") { _ in "\(one + two)" }
            return how == "result" ? "other" : sum
        }
    }

    /// Cleans up after a cancel, while one branch waits.
    struct Tidy: Workflow {
        static let name = "tidy"
        static let version = 1

        func run(_ input: Int, _ run: Run) async throws -> Int {
            do {
                return try await run.parallel("both", [0, 1]) { item, run in
                    if item == 0 { return try await run.step("quick") { _ in 1 } }
                    return try await run.gate("slow", as: Int.self)
                }.count
            } catch let error as CancellationError {
                try await run.cleanup("undo") { run in
                    _ = try await run.step("undone") { _ in Done() }
                }
                throw error
            }
        }
    }

    private func histories() async throws -> [String: History] {
        try await withEngine([Ask(), Tidy()]) { engine in
            try await engine.start(Ask.self, 1, id: "waiting")
            try await engine.until("waiting", .waiting)
            try await engine.start(Ask.self, 1, id: "done")
            try await engine.until("done", .waiting)
            try await engine.decide("done", gate: "go", true)
            try await engine.until("done", .completed)
            try await engine.start(Tidy.self, 1, id: "cancelled")
            try await engine.until("cancelled", .waiting)
            try await engine.cancel("cancelled")
            try await engine.until("cancelled", .cancelled)
            #expect(try await engine.runs() == ["waiting", "done", "cancelled"])
            #expect(try await engine.runs(after: "done") == ["cancelled"])
            var histories: [String: History] = [:]
            for id in ["waiting", "done", "cancelled"] {
                let history = try #require(try await engine.history(id))
                // As it is kept on disk.
                let bytes = try JSONEncoder().encode(history)
                histories[id] = try JSONDecoder().decode(History.self, from: bytes)
            }
            #expect(try await engine.history("nobody") == nil)
            return histories
        }
    }

    private func engine(_ workflows: any Workflow...) throws -> Engine {
        let database = try Database(path: ":memory:", migrations: Engine.migrations)
        return Engine(database: database, workflows: workflows)
    }

    @Test("the code that made a history follows it to the same end, and does nothing")
    func same() async throws {
        let calls = Shared<[String]>([])
        let engine = try engine(Ask(), Tidy(), Count(calls: calls))
        for (id, history) in try await histories() {
            #expect(try await engine.replay(history) == .same, "\(id)")
        }
    }

    @Test(
        "changed code is told where it parts from a history",
        arguments: [
            ("name", "expected one, found eins"), ("input", "1.two: expected input"),
            ("more", "3: expected three, found extra"), ("result", "another result"),
        ])
    func diverges(how: String, where place: String) async throws {
        let history = try #require(try await histories()["done"])
        let verdict = try await engine(Changed(how: how)).replay(history)
        guard case .diverges(let text) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(text.contains(place), "\(text)")
        #expect(!verdict.isFaithful)
    }

    @Test("where a history is not at its end, the replay says what comes next")
    func frontier() async throws {
        let history = try #require(try await histories()["waiting"])
        #expect(try await engine(Changed(how: "more")).replay(history) == .same)
        let calls = Shared<[String]>([])
        let begun = try await withEngine([Count(calls: calls)]) { engine in
            try await engine.start(Count.self, 5, id: "c", limits: Limits(rows: 3))
            try await engine.until("c", .paused)
            return try #require(try await engine.history("c"))
        }
        #expect(try await engine(Count(calls: calls)).replay(begun) == .goesOn(["3.add"]))
        #expect(calls.now.count == 3)
        #expect(try await engine().replay(begun) == .diverges("no code for count v1"))
    }
}
