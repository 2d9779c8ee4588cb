import Database
import Durable
import Testing
import Wire

/// What stops runs that would go on for ever, or somewhere else.
@Suite(.timeLimit(.minutes(1))) struct GuardTests {
    struct Circle: Workflow {
        static let name = "circle"
        static let version = 1
        let calls: Shared<[String]>

        func run(_ useful: Int, _ run: Run) async throws -> Int {
            var turns = 0
            while turns < 100 {
                let verdict = try await run.scope("round") { run in
                    try await run.step("judge", input: "draft") { [calls] _, _ in
                        calls.note("judge")
                        return "same"
                    }
                }
                // A poll asks without an input, as often as it likes.
                _ = try await run.step("poll") { _ in verdict }
                turns += 1
                if turns == useful { return turns }
            }
            return turns
        }
    }

    /// Its body does not heed its cancellation.
    struct Deaf: Workflow {
        static let name = "deaf"
        static let version = 1
        let began: Moment
        let free: Moment
        let calls: Shared<[String]>

        func run(_ input: Int, _ run: Run) async throws -> Int {
            do {
                let options = StepOptions(
                    attempts: 1, timeout: input > 0 ? .milliseconds(input) : nil)
                return try await run.step("deaf", options) { [began, free] _ in
                    began.happen()
                    // A task of its own hears of no cancellation.
                    await Task { await free.wait() }.value
                    return 1
                }
            } catch let error as CancellationError {
                try await run.cleanup("undo") { [calls] run in
                    _ = try await run.step("undo") { _ in
                        calls.note("undo")
                        return Done()
                    }
                }
                throw error
            }
        }
    }

    struct Long: Workflow {
        static let name = "long"
        static let version = 1
        let began: Moment

        func run(_ input: Int, _ run: Run) async throws -> Int {
            try await run.step("long") { [began] step in
                began.happen()
                try await Task.sleep(for: .seconds(60))
                return 1
            }
        }
    }

    struct Costly: Workflow {
        static let name = "costly"
        static let version = 1

        func run(_ input: Int, _ run: Run) async throws -> Int {
            if input > 0 {
                _ = try await run.child(Costly.self, input - 1)
                return try await run.step("more", .init(reserve: 30)) { step in
                    step.spend(30)
                    return 1
                }
            }
            return try await run.step("spend", .init(reserve: 50)) { step in
                step.spend(50)
                return 1
            }
        }
    }

    @Test("the same answer to the same input, again and again, pauses the run with the reason")
    func loop() async throws {
        let calls = Shared<[String]>([])
        try await withEngine([Circle(calls: calls)]) { engine in
            try await engine.start(Circle.self, 0, id: "c", limits: Limits(repeats: 5))
            let paused = try await engine.until("c", .paused)
            #expect(
                paused.reason
                    == "loop at 10.round/0.judge: the same answer to the same input 5 times")
            #expect(calls.now.count == 5)
            // A person has looked: it may go round as often once more.
            #expect(try await engine.resume("c"))
            try await engine.until("c", .paused)
            #expect(calls.now.count == 10)
            try await engine.start(Circle.self, 5, id: "d", limits: Limits(repeats: 5))
            try await engine.until("d", .completed)
        }
    }

    @Test("a cancelled run does not wait for a step that ignores its cancellation")
    func deaf() async throws {
        let (began, free, calls) = (Moment(), Moment(), Shared<[String]>([]))
        let reports = Shared<[String]>([])
        var options = EngineOptions()
        (options.poll, options.grace) = (.milliseconds(5), .milliseconds(10))
        options.report = { reports.note($0) }
        try await withEngine([Deaf(began: began, free: free, calls: calls)], options: options) {
            engine in
            try await engine.start(Deaf.self, 0, id: "d")
            await began.wait()
            try await engine.cancel("d")
            try await engine.until("d", .cancelled)
            #expect(calls.now == ["undo"])
            #expect(reports.now == ["d has a step that ignores its cancellation"])
            free.happen()
        }
    }

    @Test("a step's time is over when it is over, whatever its body does")
    func deafTimeout() async throws {
        let (began, free) = (Moment(), Moment())
        try await withEngine([Deaf(began: began, free: free, calls: Shared<[String]>([]))]) {
            engine in
            try await engine.start(Deaf.self, 5, id: "d")
            #expect(try await engine.until("d", .failed).code == "timed-out")
            free.happen()
        }
    }

    @Test("a run past its time is stopped in the middle of a step, and goes on with more time")
    func timeLimit() async throws {
        let began = Moment()
        let clock = Shared<Int64>(1_000)
        var options = EngineOptions()
        options.poll = .milliseconds(2)
        options.lease = .seconds(1_000_000)
        options.now = { clock.now }
        try await withEngine([Long(began: began)], options: options) { engine in
            try await engine.start(Long.self, 0, id: "l", limits: Limits(time: .seconds(10)))
            await began.wait()
            clock.change { $0 += 10_001 }
            #expect(try await engine.until("l", .paused).reason == "time limit")
            try await engine.resume("l", limits: Limits(time: .seconds(10)))
            await began.wait()
            #expect(try await engine.status("l")?.deadline == clock.now + 10_000)
            try await engine.cancel("l")
            try await engine.until("l", .cancelled)
        }
    }

    @Test("cancel and pause reach a run that another engine holds")
    func otherEngine() async throws {
        let folder = try Folder()
        let began = Moment()
        var options = EngineOptions()
        options.poll = .milliseconds(5)
        let database = try Database(path: folder.file, migrations: Engine.migrations)
        let other = try Database(path: folder.file, migrations: Engine.migrations)
        try await withEngine([Long(began: began)], in: database, options: options) { engine in
            try await engine.start(Long.self, 0, id: "l")
            await began.wait()
            // It never runs: an operator's command.
            let command = Engine(database: other, workflows: [])
            #expect(try await command.cancel("l"))
            try await engine.until("l", .cancelled)
        }
        database.close()
        other.close()
    }

    @Test("children spend from what their parent has left, and what they spent is on its bill")
    func childSpend() async throws {
        try await withEngine([Costly()]) { engine in
            try await engine.start(Costly.self, 1, id: "p", limits: Limits(spend: 90))
            #expect(try await engine.until("p", .completed).spent == 80)
            try await engine.start(Costly.self, 1, id: "q", limits: Limits(spend: 70))
            let paused = try await engine.until("q", .paused)
            #expect(paused.spent == 50)
            #expect(paused.reason == "spending limit 70 at 1.more, spent 50")
            #expect(try await engine.limit("q", Limits(spend: 80)))
            try await engine.resume("q")
            try await engine.until("q", .completed)
            // The child may not begin a step that its parent could not pay.
            try await engine.start(Costly.self, 1, id: "r", limits: Limits(spend: 40))
            let child = try await engine.until("r/0.costly", .paused)
            #expect(child.reason == "spending limit 40 at 0.spend, spent 0")
        }
    }

    @Test("a gate tells what it asks, and who decided what")
    func gateEvents() async throws {
        struct Choose: Workflow {
            static let name = "choose"
            static let version = 1
            func run(_ input: Int, _ run: Run) async throws -> String {
                let question = GateQuestion(
                    kind: "choice", prompt: "Which?", options: ["red", "blue"])
                let answer: GateDecision = try await run.gate(
                    "colour", asking: question, within: .seconds(60))
                return question.options[answer.choice ?? 0]
            }
        }
        try await withEngine([Choose()]) { engine in
            try await engine.start(Choose.self, 0, id: "c")
            try await engine.until("c", .waiting)
            let open = try #require(try await engine.gates("c").first)
            #expect(open.question?.options == ["red", "blue"] && !open.isClosed)
            #expect(open.name == "colour" && open.path == "0.colour" && open.due != nil)
            let decision = GateDecision(decision: "approve", choice: 1)
            #expect(try await engine.decide("c", gate: "0.colour", decision, by: "usr_1"))
            try await engine.until("c", .completed)
            #expect(try await engine.result("c", as: String.self) == "blue")
            let events = try await engine.events("c", after: 1)
            let opened = try events[0].decode(GateOpened.self)
            #expect(opened.gate == "0.colour" && opened.question?.prompt == "Which?")
            let decided = try events[1].decode(GateDecided.self)
            #expect(decided.by == "usr_1" && decided.decision?["choice"] == .integer(1))
            let closed = try #require(try await engine.gates("c").first)
            #expect(closed.isClosed && closed.decision?["decision"] == .text("approve"))
            let steps = try await engine.steps("c")
            #expect(steps.map(\.path) == ["0.colour"] && steps.map(\.state) == [.done])
        }
    }
}
