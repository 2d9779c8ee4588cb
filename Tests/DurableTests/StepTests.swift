import Durable
import Testing

@Suite(.timeLimit(.minutes(1))) struct StepTests {
    struct Refused: CodedFailure {
        let isPermanent: Bool
        var failureCode: String { "no-credits" }
        var failureMessage: String { "3 credits left" }
    }

    struct Flaky: Workflow {
        static let name = "flaky"
        static let version = 1
        let calls: Shared<[String]>

        func run(_ input: Int, _ run: Run) async throws -> String {
            let quick = StepOptions(attempts: 4, backoff: .milliseconds(1))
            let third = try await run.step("third", quick) { [calls] step in
                calls.note(step.key)
                step.spend(5)
                try step.emit("tried", step.attempt)
                if step.attempt < 3 { throw Refused(isPermanent: false) }
                return step.attempt
            }
            do {
                let _: Done = try await run.step("never", quick) { [calls] _ in
                    calls.note("never")
                    throw Refused(isPermanent: true)
                }
                return "unreachable"
            } catch let failure as StepFailure {
                guard try await run.gate("look", as: Bool.self) else { throw failure }
                return "\(third) \(failure.code): \(failure.message)"
            }
        }
    }

    struct Late: Workflow {
        static let name = "late"
        static let version = 1

        func run(_ input: Int, _ run: Run) async throws -> Done {
            try await run.step("slow", .init(attempts: 1, timeout: .milliseconds(5))) { _ in
                try await Task.sleep(for: .seconds(60))
                return Done()
            }
        }
    }

    struct Busy: Sendable {
        var now = 0
        var most = 0
    }

    struct Fan: Workflow {
        static let name = "fan"
        static let version = 1
        let busy: Shared<Busy>

        func run(_ items: Int, _ run: Run) async throws -> [Int] {
            try await run.parallel("each", Array(0..<items), width: 3) { [busy] item, run in
                let first = try await run.step("square") { _ in
                    busy.change { busy in
                        busy.now += 1
                        busy.most = max(busy.most, busy.now)
                    }
                    await Task.yield()
                    busy.change { $0.now -= 1 }
                    return item * item
                }
                if item == 4 { _ = try await run.gate("wait", as: Bool.self) }
                return try await run.step("plus") { _ in first + 1 }
            }
        }
    }

    @Test("a step is tried again with the same key, and only its last attempt's events are kept")
    func retries() async throws {
        let calls = Shared<[String]>([])
        try await withEngine([Flaky(calls: calls)]) { engine in
            try await engine.start(Flaky.self, 0, id: "x")
            #expect(try await engine.until("x", .waiting).spent == 15)
            try await engine.decide("x", gate: "look", true)
            try await engine.until("x", .completed)
            let text = try await engine.result("x", as: String.self)
            #expect(text == "3 no-credits: 3 credits left")
            let gate = ["gate.opened", "gate.decided"]
            let kinds = try await engine.kinds("x")
            #expect(kinds == ["run.started", "tried"] + gate + ["run.completed"])
        }
        #expect(calls.now == ["x/0.third", "x/0.third", "x/0.third", "never"])
    }

    @Test("a run that fails keeps the code and message of the error")
    func failure() async throws {
        let calls = Shared<[String]>([])
        try await withEngine([Flaky(calls: calls), Late()]) { engine in
            try await engine.start(Flaky.self, 0, id: "x")
            try await engine.until("x", .waiting)
            try await engine.decide("x", gate: "look", false)
            let status = try await engine.until("x", .failed)
            #expect(status.code == "no-credits" && status.reason == "3 credits left")
            let last = try await engine.events("x", after: 0).last
            #expect(last?.kind == RunEvent.failed)
            #expect(
                last?.change
                    == StateChange(
                        state: .failed, reason: "3 credits left", code: "no-credits",
                        step: "1.never"))
            try await engine.start(Late.self, 0, id: "l")
            #expect(try await engine.until("l", .failed).code == "timed-out")
        }
    }

    @Test("parallel keeps its width and its order, across a wait of one branch")
    func parallel() async throws {
        let busy = Shared(Busy())
        try await withEngine([Fan(busy: busy)]) { engine in
            try await engine.start(Fan.self, 8, id: "p")
            try await engine.until("p", .waiting)
            try await engine.decide("p", gate: "wait", true)
            try await engine.until("p", .completed)
            let squares = try await engine.result("p", as: [Int].self)
            #expect(squares == (0..<8).map { $0 * $0 + 1 })
            #expect(try await engine.journaled("p").count == 17)
        }
        #expect(busy.now.most <= 3)
    }
}
