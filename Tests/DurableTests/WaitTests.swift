import Database
import Durable
import Testing

@Suite(.timeLimit(.minutes(1))) struct WaitTests {
    struct Rest: Workflow {
        static let name = "rest"
        static let version = 1

        func run(_ input: Int, _ run: Run) async throws -> String {
            try await run.timer(for: .seconds(input))
            do {
                return try await run.gate("g", as: String.self, within: .seconds(input))
            } catch let failure as StepFailure {
                return failure.code
            }
        }
    }

    struct Family: Workflow {
        static let name = "family"
        static let version = 1

        func run(_ input: Int, _ run: Run) async throws -> Int {
            try await run.parallel("all", [1, 2, 3], width: 2) { item, run in
                switch item {
                case 1: return try await run.child(Count.self, 4)
                case 2:
                    try await run.timer(for: .milliseconds(5))
                    return 100
                default: return try await run.signal("extra", as: Int.self)
                }
            }.reduce(0, +)
        }
    }

    @Test("a gate is decided once, and its run waits visibly")
    func gate() async throws {
        try await withEngine([Ask()]) { engine in
            try await engine.start(Ask.self, 1, id: "a")
            let waiting = try await engine.until("a", .waiting)
            #expect(waiting.waits.map(\.path) == ["2.go"] && waiting.waits.map(\.kind) == ["gate"])
            #expect(try await engine.decide("a", gate: "other", true) == false)
            let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                for yes in [true, false, true, false] {
                    group.addTask { try await engine.decide("a", gate: "go", yes) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 }.count == 1)
            try await engine.until("a", .completed)
            #expect(try await engine.decide("a", gate: "go", true) == false)
        }
    }

    @Test("a timer is not early by a millisecond, and a gate expires at its time")
    func timer() async throws {
        let clock = Shared<Int64>(1_000_000)
        let ticks = Shared(0)
        let (beats, beat) = AsyncStream.makeStream(of: Int.self)
        var options = EngineOptions()
        options.poll = .milliseconds(1)
        options.now = { clock.now }
        options.fault = { label in
            guard label == "tick committed" else { return }
            let tick = ticks.change { count in
                count += 1
                return count
            }
            beat.yield(tick)
        }
        try await withEngine([Rest()], options: options) { engine in
            func someTicks() async {
                let start = ticks.now
                for await tick in beats where tick >= start + 3 { return }
            }
            try await engine.start(Rest.self, 3_600, id: "t")
            let due = try await engine.until("t", .waiting).waits.first?.due
            #expect(due == 4_600_000)
            clock.change { $0 = 4_599_999 }
            await someTicks()
            #expect(try await engine.status("t")?.state == .waiting)
            #expect(try await engine.journaled("t") == [])
            clock.change { $0 = 4_600_000 }
            while try await engine.journaled("t").isEmpty { await someTicks() }
            #expect(try await engine.until("t", .waiting).waits.map(\.path) == ["1.g"])
            clock.change { $0 += 3_600_000 }
            try await engine.until("t", .completed)
            #expect(try await engine.result("t", as: String.self) == "expired")
        }
    }

    @Test("a child, a timer and a signal are waited for at once, and a signal counts once")
    func family() async throws {
        let calls = Shared<[String]>([])
        try await withEngine([Family(), Count(calls: calls)]) { engine in
            try await engine.start(Family.self, 0, id: "f")
            #expect(try await engine.signal("f", "extra", 30, key: "s"))
            #expect(try await engine.signal("f", "extra", 40, key: "s") == false)
            #expect(try await engine.signal("nobody", "extra", 40, key: "s") == false)
            try await engine.until("f", .completed)
            #expect(try await engine.result("f", as: Int.self) == 134)
            #expect(try await engine.status("f/0.all/0/0.count")?.state == .completed)
        }
    }

    @Test("many runs wait and wake, and none is lost")
    func noLostWake() async throws {
        try await withEngine([Ask()]) { engine in
            try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let id = "a\(number)"
                        try await engine.start(Ask.self, number, id: id)
                        // Asked again and again, so that the answer meets the run on its way out.
                        while try await engine.decide(id, gate: "go", true) == false {
                            await Task.yield()
                        }
                        try await engine.until(id, .completed)
                        return try await engine.result(id, as: String.self)
                    }
                }
                let sums = try await group.reduce(into: Set<String>()) { $0.insert($1 ?? "") }
                #expect(sums == Set((0..<60).map { "\($0 + 20)" }))
            }
        }
    }
}
