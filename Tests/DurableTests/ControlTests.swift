import Database
import Durable
import Testing

@Suite(.timeLimit(.minutes(1))) struct ControlTests {
    /// Its step ends only when it is let go, or cancelled.
    struct Held: Workflow {
        static let name = "held"
        static let version = 1
        let calls: Shared<[String]>
        let began: Moment
        let free: Moment

        func run(_ ignoresCancel: Bool, _ run: Run) async throws -> String {
            do {
                _ = try await run.step("long") { [calls, began, free] _ in
                    calls.note("long")
                    began.happen()
                    await free.wait()
                    if !ignoresCancel { try Task.checkCancellation() }
                    return Done()
                }
                _ = try await run.step("after") { [calls] _ in
                    calls.note("after")
                    return Done()
                }
            } catch let error as CancellationError {
                try await run.cleanup("undo") { [calls] run in
                    let patient = StepOptions(attempts: 3, backoff: .milliseconds(1))
                    _ = try await run.step("refund", patient) { step in
                        guard step.attempt > 1 else { throw Absent() }
                        calls.note("refund")
                        return Done()
                    }
                }
                if !ignoresCancel { throw error }
            }
            return "finished"
        }
    }

    struct Absent: Error {}

    struct Parent: Workflow {
        static let name = "parent"
        static let version = 1

        func run(_ input: Int, _ run: Run) async throws -> String {
            try await run.child(Ask.self, input)
        }
    }

    @Test("a cancelled run cleans up and never becomes a success", arguments: [false, true])
    func cancel(ignoresCancel: Bool) async throws {
        let calls = Shared<[String]>([])
        let (began, free) = (Moment(), Moment())
        try await withEngine([Held(calls: calls, began: began, free: free)]) { engine in
            try await engine.start(Held.self, ignoresCancel, id: "c")
            await began.wait()
            #expect(try await engine.cancel("c", reason: "not wanted"))
            free.happen()
            let status = try await engine.until("c", .cancelled)
            #expect(status.result == nil && status.reason == "not wanted")
            #expect(try await engine.cancel("c") == false)
            #expect(try await engine.resume("c") == false)
            #expect(try await engine.kinds("c") == ["run.started", "run.cancelled"])
        }
        #expect(calls.now == ["long", "refund"])
    }

    @Test("cancel reaches a run that waits, and its children")
    func cancelWaiting() async throws {
        try await withEngine([Parent(), Ask()]) { engine in
            try await engine.start(Parent.self, 1, id: "p")
            try await engine.until("p", .waiting)
            try await engine.until("p/0.ask", .waiting)
            #expect(try await engine.cancel("p"))
            try await engine.until("p", .cancelled)
            try await engine.until("p/0.ask", .cancelled)
            #expect(try await engine.decide("p/0.ask", gate: "go", true) == false)
        }
    }

    @Test("gates of children are the parent's as well, listed and decided by their path or name")
    func childGates() async throws {
        try await withEngine([Parent(), Ask()]) { engine in
            for (id, gate) in [("p", "0.ask/2.go"), ("q", "go")] {
                try await engine.start(Parent.self, 1, id: id)
                try await engine.until("\(id)/0.ask", .waiting)
                let open = try #require(try await engine.gates(id).first)
                #expect(open.path == "0.ask/2.go" && open.run == "\(id)/0.ask" && !open.isClosed)
                #expect(try await engine.gates("\(id)/0.ask").map(\.path) == ["2.go"])
                #expect(try await engine.decide(id, gate: "3.go", true) == false)
                #expect(try await engine.decide(id, gate: gate, true))
                try await engine.until(id, .completed)
                #expect(try await engine.gates(id).map(\.isClosed) == [true])
                #expect(try await engine.decide(id, gate: gate, true) == false)
            }
        }
    }

    @Test("a child that is cancelled alone ends its parent's wait, even where no code is left")
    func cancelChild() async throws {
        try await withEngine([Parent()]) { engine in
            try await engine.start(Parent.self, 1, id: "p")
            try await engine.until("p/0.ask", .attention)
            #expect(try await engine.cancel("p/0.ask", reason: "hopeless"))
            let status = try await engine.until("p", .failed)
            #expect(status.code == "cancelled" && status.reason == "hopeless")
        }
    }

    @Test("a pause holds at the next step boundary, and the run goes on from there")
    func pause() async throws {
        let calls = Shared<[String]>([])
        let (began, free) = (Moment(), Moment())
        try await withEngine([Held(calls: calls, began: began, free: free)]) { engine in
            try await engine.start(Held.self, false, id: "h")
            await began.wait()
            #expect(try await engine.pause("h"))
            free.happen()
            #expect(try await engine.until("h", .paused).reason == "asked to")
            #expect(calls.now == ["long"])
            #expect(try await engine.resume("h"))
            try await engine.until("h", .completed)
            #expect(calls.now == ["long", "after"])
            let kinds = ["run.started", "run.paused", "run.resumed", "run.completed"]
            #expect(try await engine.kinds("h") == kinds)
        }
    }

    @Test("a run that is paused while it waits takes its answer, and uses it when resumed")
    func pauseWaiting() async throws {
        try await withEngine([Ask()]) { engine in
            try await engine.start(Ask.self, 1, id: "a")
            try await engine.until("a", .waiting)
            #expect(try await engine.pause("a"))
            #expect(try await engine.decide("a", gate: "go", true))
            #expect(try await engine.status("a")?.state == .paused)
            try await engine.resume("a")
            try await engine.until("a", .completed)
        }
    }

    @Test("at its spending limit or row limit a run is paused with the reason")
    func limits() async throws {
        let calls = Shared<[String]>([])
        try await withEngine([Count(calls: calls)]) { engine in
            try await engine.start(Count.self, 10, id: "s", limits: Limits(spend: 35))
            let spent = try await engine.until("s", .paused)
            #expect(spent.spent == 40 && spent.rows == 4)
            #expect(spent.reason == "spending limit 35 at 4.add, spent 40")
            try await engine.resume("s", limits: Limits(spend: 1_000))
            try await engine.until("s", .completed)
            try await engine.start(Count.self, 1_000, id: "r", limits: Limits(rows: 20))
            #expect(try await engine.until("r", .paused).rows == 20)
        }
        #expect(calls.now.count == 30)
    }

    @Test("a fork shares what came before, takes another input, and leaves the old run alone")
    func fork() async throws {
        try await withEngine([Ask()]) { engine in
            try await engine.start(Ask.self, 1, id: "old")
            try await engine.until("old", .waiting)
            #expect(try await engine.fork("old", at: "1.two", input: 5, as: "new"))
            #expect(try await engine.fork("old", at: "1.two", input: 5, as: "new") == false)
            await #expect(throws: ForkRefusal.noSuchStep("9.none")) {
                try await engine.fork("old", at: "9.none", as: "other")
            }
            await #expect(throws: ForkRefusal.takesNoInput("2.go")) {
                try await engine.fork("old", at: "2.go", input: 1, as: "other")
            }
            #expect(try await engine.fork("old", at: "0.one", as: "again"))
            for id in ["old", "new", "again"] {
                try await engine.until(id, .waiting)
                #expect(try await engine.decide(id, gate: "go", true))
                try await engine.until(id, .completed)
            }
            #expect(try await engine.result("old", as: String.self) == "21")
            #expect(try await engine.result("new", as: String.self) == "51")
            #expect(try await engine.result("again", as: String.self) == "21")
            let tail = ["asked", "gate.opened", "gate.decided", "run.completed"]
            #expect(try await engine.kinds("old") == ["run.started", "one"] + tail)
            #expect(try await engine.kinds("new") == ["run.started", "one", "run.resumed"] + tail)
            let again = ["run.started", "run.resumed", "one"] + tail
            #expect(try await engine.kinds("again") == again)
            let origin = try await engine.status("new")?.origin
            #expect(origin?.run == "old" && origin?.step == "1.two")
        }
    }
}
