import Database
import Durable
import Testing

@Suite(.timeLimit(.minutes(1))) struct RetryTests {
    struct Refused: CodedFailure {
        var failureCode: String { "refused" }
        var failureMessage: String { "not today" }
        var isPermanent: Bool { true }
        var retryFrom: String?
    }

    /// Holds, works in three branches of which some fail, tidies up after a failure.
    struct Job: Workflow {
        static let name = "job"
        static let version = 1
        let calls: Shared<[String]>
        let broken: Shared<Set<Int>>

        func run(_ input: Int, _ run: Run) async throws -> [Int] {
            _ = try await run.step("hold", StepOptions().own) { [calls] step in
                calls.note("hold \(step.key)")
                return Done()
            }
            _ = try await run.step("first") { [calls] _ in
                calls.note("first")
                return Done()
            }
            do {
                return try await run.parallel("all", [0, 1, 2]) { item, run in
                    _ = try await run.step("before") { [calls] _ in
                        calls.note("before \(item)")
                        return Done()
                    }
                    return try await run.step("work") { [calls, broken] step in
                        if broken.now.contains(item) { throw Refused() }
                        calls.note("work \(step.key)")
                        return item * 10
                    }
                }
            } catch let failure as StepFailure {
                _ = try await run.step("tidy") { [calls] _ in
                    calls.note("tidy")
                    return Done()
                }
                throw failure
            }
        }
    }

    /// Fails in a child, and after a step whose answer is used up.
    struct Deep: Workflow {
        static let name = "deep"
        static let version = 1
        let calls: Shared<[String]>
        let broken: Shared<Set<Int>>

        func run(_ input: Int, _ run: Run) async throws -> Int {
            try await exchange(9, run)
            _ = try await run.parallel("asides", [7, 8], exchange)
            return try await run.child(Job.self, 0, name: "part").reduce(0, +)
        }

        private func exchange(_ number: Int, _ run: Run) async throws {
            let path = run.path(ofNext: "ask")
            _ = try await run.step("ask") { [calls] step in
                calls.note("ask \(step.key)")
                return Done()
            }
            _ = try await run.step("answer") { [broken] _ in
                if broken.now.contains(number) { throw Refused(retryFrom: path) }
                return Done()
            }
        }
    }

    @Test("a retry does what failed, and what every life does for itself, and nothing else")
    func parallel() async throws {
        let (calls, broken) = (Shared<[String]>([]), Shared<Set<Int>>([0, 2]))
        try await withEngine([Job(calls: calls, broken: broken)]) { engine in
            try await engine.start(Job.self, 0, id: "j")
            let failed = try await engine.until("j", .failed)
            #expect(failed.failedStep == "2.all/0/1.work" && failed.code == "refused")
            broken.change { $0 = [] }
            #expect(try await engine.retry("j"))
            #expect(try await engine.retry("j") == false)
            let status = try await engine.until("j", .completed)
            #expect(status.life == 2 && status.failedStep == nil)
            #expect(try await engine.result("j", as: [Int].self) == [0, 10, 20])
            let kinds = ["run.started", "run.failed", "run.resumed", "run.completed"]
            #expect(try await engine.kinds("j") == kinds)
            let events = try await engine.events("j", after: 2, limit: 1)
            #expect(events.first?.change?.step == "2.all/0/1.work")
        }
        for once in ["first", "before 0", "before 1", "before 2", "tidy", "work j/2.all/1/1.work"] {
            #expect(calls.count(once) == 1, "\(once)")
        }
        // What is done in the second life is told apart from the first.
        #expect(calls.count("hold j/0.hold") == 1 && calls.count("hold j~2/0.hold") == 1)
        #expect(calls.count("work j~2/2.all/0/1.work") == 1)
        #expect(calls.now.count == 10)
    }

    @Test("only what failed can be retried")
    func refused() async throws {
        try await withEngine([Ask()]) { engine in
            try await engine.start(Ask.self, 1, id: "a")
            try await engine.until("a", .waiting)
            #expect(try await engine.retry("a") == false)
            try await engine.cancel("a")
            try await engine.until("a", .cancelled)
            #expect(try await engine.retry("a") == false)
            #expect(try await engine.retry("nobody") == false)
        }
    }

    @Test("a retry begins where the failure says, and a failed child is a new child")
    func deep() async throws {
        let (calls, broken) = (Shared<[String]>([]), Shared<Set<Int>>([9, 7, 8, 1]))
        let workflows: [any Workflow] = [
            Deep(calls: calls, broken: broken), Job(calls: calls, broken: broken),
        ]
        try await withEngine(workflows) { engine in
            try await engine.start(Deep.self, 0, id: "d")
            #expect(try await engine.until("d", .failed).failedStep == "0.ask")
            broken.change { $0 = [7, 8, 1] }
            try await engine.retry("d")
            #expect(try await engine.until("d", .failed).failedStep == "2.asides/0/0.ask")
            broken.change { $0 = [1] }
            try await engine.retry("d")
            #expect(try await engine.until("d", .failed).failedStep == "3.part")
            for ask in ["d/0.ask", "d~2/0.ask"] { #expect(calls.count("ask \(ask)") == 1) }
            // Each branch that failed begins again where its own failure says.
            for branch in [0, 1] {
                for life in ["d~2", "d~3"] {
                    #expect(calls.count("ask \(life)/2.asides/\(branch)/0.ask") == 1)
                }
            }
            broken.change { $0 = [] }
            try await engine.retry("d")
            try await engine.until("d", .completed)
            #expect(try await engine.result("d", as: Int.self) == 30)
            #expect(try await engine.status("d~3/3.part")?.state == .failed)
            #expect(try await engine.status("d~4/3.part")?.state == .completed)
        }
    }

    @Test("a fork does for itself what every run does for itself")
    func forkOwn() async throws {
        let (calls, broken) = (Shared<[String]>([]), Shared<Set<Int>>([]))
        try await withEngine([Job(calls: calls, broken: broken)]) { engine in
            try await engine.start(Job.self, 0, id: "j")
            try await engine.until("j", .completed)
            #expect(try await engine.fork("j", at: "2.all/1/0.before", as: "f"))
            try await engine.until("f", .completed)
        }
        #expect(calls.count("first") == 1)
        #expect(calls.count("hold j/0.hold") == 1 && calls.count("hold f/0.hold") == 1)
        #expect(calls.count("work f/2.all/1/1.work") == 1)
    }

    @Test("at a gate a fork asks again")
    func forkGate() async throws {
        try await withEngine([Ask()]) { engine in
            try await engine.start(Ask.self, 1, id: "a")
            try await engine.until("a", .waiting)
            try await engine.decide("a", gate: "go", false)
            try await engine.until("a", .completed)
            #expect(try await engine.fork("a", at: "2.go", as: "b"))
            try await engine.until("b", .waiting)
            try await engine.decide("b", gate: "go", true)
            try await engine.until("b", .completed)
            #expect(try await engine.result("a", as: String.self) == "no")
            #expect(try await engine.result("b", as: String.self) == "21")
        }
    }
}
