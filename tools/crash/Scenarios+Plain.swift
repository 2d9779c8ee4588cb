import Durable

/// Steps, a loop, branches, a timer and a gate.
struct Approve: Scenario {
    struct Story: Workflow {
        static let name = "approve"
        static let version = 1
        let desk: Desk

        func run(_ topic: Int, _ run: Run) async throws -> Int {
            var draft = topic
            for _ in 0..<2 {
                draft = try await run.step("draft", input: draft, .quick) { draft, step in
                    try await desk.charge(step, of: run.id)
                    try step.emit("drafted", draft)
                    return draft + 1
                }
            }
            let notes = try await run.parallel("critics", [1, 2]) { [draft] critic, run in
                try await run.step("judge", input: draft, .quick) { draft, step in
                    try await desk.charge(step, of: run.id)
                    try step.emit("judged", critic)
                    desk.world.mark("judged \(critic)", at: desk.now)
                    return draft * critic
                }
            }
            // Long enough for the planted bug to show.
            let rest: Int64 = desk.world.plant == .timer ? 60 : 3
            try await run.timer("rest", for: .milliseconds(rest))
            _ = try await run.step("rested", .quick) { _ in
                let judged = [1, 2].compactMap { desk.world.moment("judged \($0)") }.max() ?? 0
                if desk.now < judged + rest { desk.world.complain("the timer is early") }
                return Done()
            }
            guard try await run.gate("go", as: Bool.self) else { return 0 }
            return try await run.step("publish", .quick) { step in
                try await desk.charge(step, of: run.id)
                try step.emit("published", notes)
                return notes.reduce(0, +)
            }
        }
    }

    static let steps = [
        "0.draft", "1.draft", "2.critics/0/0.judge", "2.critics/1/0.judge", "6.publish",
    ]

    let name = "approve"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r")
        try await client.until {
            if try await client.waits("r", at: "go") {
                try await client.decide("r", "go", true)
                try await client.decide("r", "go", false)
            }
            return try await client.status("r")?.state.isFinal ?? false
        }
    }

    func check(_ end: Ending) {
        end.state("r", "completed")
        end.charged(Set(Self.steps.map { "r/\($0)" }))
        end.spent("r", 50)
        let decided = end.world.acknowledged.filter { $0.hasPrefix("decide") }
        end.claim(decided.count <= 1, "decided twice: \(decided)")
        end.claim(
            end.kinds["r"] == [
                "run.started", "drafted", "drafted", "judged", "judged", "gate.opened",
                "gate.decided", "published", "run.completed",
            ], "events \(end.kinds["r"] ?? [])")
        for row in end.rows where row.kind == "timer" {
            end.claim(row.at >= row.due ?? 0, "the timer is early")
        }
    }
}

/// Told to end while it waits for a person.
struct CancelAtGate: Scenario {
    struct Story: Workflow {
        static let name = "cancel-gate"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            do {
                _ = try await run.step("before", .quick) { step in
                    try await desk.charge(step, of: run.id)
                    return Done()
                }
                _ = try await run.gate("go", as: Bool.self)
                return try await run.step("after", .quick) { step in
                    try await desk.charge(step, of: run.id)
                    return 1
                }
            } catch let error as CancellationError {
                try await run.cleanup("undo") { run in
                    _ = try await run.step("refund", .quick) { step in
                        try await desk.charge(step, of: run.id, 1)
                        return Done()
                    }
                }
                throw error
            }
        }
    }

    let name = "cancel at a gate"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r")
        try await client.until {
            if try await client.waits("r", at: "go") {
                try await client.cancel("r")
                try await client.decide("r", "go", true)
            }
            return try await client.status("r")?.state.isFinal ?? false
        }
    }

    func check(_ end: Ending) {
        end.state("r", "cancelled")
        end.charged(["r/0.before", "r/2.undo/0.refund"])
        end.spent("r", 11)
    }
}

/// Told to end in the middle of a step.
struct CancelInStep: Scenario {
    struct Story: Workflow {
        static let name = "cancel-step"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            do {
                _ = try await run.parallel("both", [0, 1]) { item, run in
                    try await run.step("work", .quick) { step in
                        try await desk.charge(step, of: run.id)
                        if item == 1 {
                            desk.world.mark("in the step", at: 1)
                            try await Task.sleep(for: .seconds(60))
                        }
                        return Done()
                    }
                }
                return 1
            } catch let error as CancellationError {
                try await run.cleanup("undo") { run in
                    _ = try await run.step("refund", .quick) { step in
                        try await desk.charge(step, of: run.id, 1)
                        return Done()
                    }
                }
                throw error
            }
        }
    }

    let name = "cancel in a step"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r")
        try await client.until {
            if client.world.moment("in the step") != nil { try await client.cancel("r") }
            return try await client.status("r")?.state.isFinal ?? false
        }
    }

    func check(_ end: Ending) {
        end.state("r", "cancelled")
        // The branch that was cut off had been charged; its row was never written.
        end.charged(
            ["r/0.both/1/0.work", "r/1.undo/0.refund"], beside: ["r/0.both/0/0.work"])
        end.claim(
            !end.rows.contains { $0.path == "0.both/1/0.work" && $0.isDone },
            "the step that was cut off has a result")
    }
}

/// Told to end between its last step and its record.
struct CancelLate: Scenario {
    struct Story: Workflow {
        static let name = "cancel-late"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            _ = try await run.step("first", .quick) { step in
                try await desk.charge(step, of: run.id)
                return Done()
            }
            return try await run.step("last", .quick) { step in
                try await desk.charge(step, of: run.id)
                // The work is done, and its process does not hear of the cancel.
                if let engine = desk.engine.now, try await engine.cancel(run.id), !desk.fate.isDead
                {
                    desk.world.acknowledge("cancel r")
                }
                return 1
            }
        }
    }

    let name = "cancel late"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r")
        try await client.end(of: "r")
    }

    func check(_ end: Ending) {
        end.state("r", "cancelled")
        end.charged(["r/0.first", "r/1.last"])
        end.claim(
            end.world.acknowledged.contains("cancel r") || end.runs["r"]?.state == "cancelled",
            "nobody cancelled it")
    }
}
