import Database
import Durable
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReplayTests {
    /// The name and version of `Ask`, changed without raising it.
    struct Changed: Workflow {
        static let name = "ask"
        static let version = 1
        let how: String

        func run(_ input: Int, _ run: Run) async throws -> String {
            if how == "type" { return try await run.step("one", input: input) { _, _ in "text" } }
            let name = how == "name" ? "eins" : "one"
            let one = try await run.step(name, input: how == "input" ? 7 : input) { x, _ in x }
            if how == "removed" { return "\(one)" }
            if how == "kind" { return "\(try await run.gate("two", as: Int.self))" }
            throw StepFailure(path: "", code: "c", message: "m")
        }
    }

    /// Newer code, for runs that a person moves to it.
    struct Next: Workflow {
        static let name = "ask"
        static let version = 2

        func run(_ input: Int, _ run: Run) async throws -> String {
            _ = try await run.step("one", input: input) { x, _ in x }
            _ = try await run.step("two", input: 2) { two, _ in two }
            return try await run.gate("go", as: Bool.self) ? "yes" : "no"
        }
    }

    struct Careless: Workflow {
        static let name = "careless"
        static let version = 1

        func run(_ name: String, _ run: Run) async throws -> Int {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for step in [name, "two"] {
                    group.addTask {
                        try await run.step(step) { _ in
                            try await Task.sleep(for: .milliseconds(20))
                            return 1
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
        }
    }

    /// Catches everything, as developers do.
    struct Greedy: Workflow {
        static let name = "greedy"
        static let version = 1

        func run(_ input: Int, _ run: Run) async throws -> String {
            do {
                return try await run.gate("g", as: String.self)
            } catch {
                return "swallowed"
            }
        }
    }

    @Test(
        "code that no longer fits its journal parks the run for a person",
        arguments: [
            ("name", "expected one, found eins"), ("input", "expected input"),
            ("removed", "found the end"), ("kind", "expected step, found gate"),
            ("type", "expected a value of type String"), ("failed", "found the end"),
        ])
    func differs(how: String, reason: String) async throws {
        let database = try Database(path: ":memory:", migrations: Engine.migrations)
        try await withEngine([Ask()], in: database) { engine in
            try await engine.start(Ask.self, 1, id: "a")
            try await engine.until("a", .waiting)
        }
        try await withEngine([Changed(how: how), Next()], in: database) { engine in
            try await engine.decide("a", gate: "go", true)
            let status = try await engine.until("a", .attention)
            #expect(status.reason?.contains(reason) == true, "\(status.reason ?? "")")
            #expect(try await engine.kinds("a").last == RunEvent.attention)
            #expect(try await engine.resume("a", version: 2))
            try await engine.until("a", .completed)
            #expect(try await engine.result("a", as: String.self) == "yes")
        }
    }

    @Test("a run without code waits visibly, and can be cancelled")
    func noCode() async throws {
        try await withEngine([]) { engine in
            try await engine.start(Ask.self, 1, id: "a")
            #expect(try await engine.until("a", .attention).reason == "no code for ask v1")
            #expect(try await engine.cancel("a"))
            #expect(try await engine.status("a")?.state == .cancelled)
            let kinds = ["run.started", "run.attention", "run.cancelled"]
            #expect(try await engine.kinds("a") == kinds)
        }
    }

    @Test("two operations at once in one scope are refused, as is a slash in a name")
    func scopes() async throws {
        try await withEngine([Careless()]) { engine in
            for name in ["one", "a/b"] {
                try await engine.start(Careless.self, name, id: name)
                let reason = try await engine.until(name, .attention).reason ?? ""
                #expect(reason.contains("same scope") || reason.contains("no slash"))
            }
        }
    }

    @Test("a catch that swallows the unwinding does not make an end of it")
    func greedy() async throws {
        try await withEngine([Greedy()]) { engine in
            try await engine.start(Greedy.self, 0, id: "g")
            try await engine.until("g", .waiting)
            try await engine.decide("g", gate: "g", "yes")
            try await engine.until("g", .completed)
            #expect(try await engine.result("g", as: String.self) == "yes")
        }
    }
}
