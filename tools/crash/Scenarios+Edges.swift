import Durable

/// Another side without keys: after a crash nobody knows, and a person says what happened.
struct InDoubt: Scenario {
    struct Story: Workflow {
        static let name = "in-doubt"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            let paid = try await run.step("pay", StepOptions(effect: .once)) { step in
                try await desk.work(step, of: run.id) {
                    // No key: a second call would pay again.
                    desk.world.apply("\(step.key) \(desk.now)", step: step.key, 10)
                }
                return 1
            }
            return try await run.step("note", .quick) { step in
                try await desk.charge(step, of: run.id)
                return paid
            }
        }
    }

    let name = "in doubt"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r")
        try await client.until {
            let status = try await client.status("r")
            if status?.state == .attention {
                try await client.reconcile("r", "0.pay", 7)
                try await client.resume("r")
            }
            return status?.state.isFinal ?? false
        }
    }

    func check(_ end: Ending) {
        // An answer that was lost is a failure: such a step is not tried again.
        let state = end.runs["r"]?.state
        end.claim(state == "completed" || state == "failed", "r is \(state ?? "absent")")
        end.charged(
            state == "completed" ? ["r/1.note"] : [], beside: ["r/0.pay"])
    }
}

/// Several users in a queue with one place.
struct Queued: Scenario {
    struct Story: Workflow {
        static let name = "queued"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            try await run.step("work", .quick) { step in
                try await desk.charge(step, of: run.id)
                return input
            }
        }
    }

    let name = "queue"
    let queues = ["q": QueueLimits(width: 1)]

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        for number in 0..<4 {
            try await client.start(
                Story.self, number, id: "q\(number)",
                lane: Lane(queue: "q", share: "u\(number % 2)"))
        }
        for number in 0..<4 { try await client.end(of: "q\(number)") }
    }

    func check(_ end: Ending) {
        for number in 0..<4 {
            end.state("q\(number)", "completed")
            end.claim(
                end.kinds["q\(number)"] == ["run.started", "run.completed"],
                "events \(end.kinds["q\(number)"] ?? [])")
        }
        end.charged(Set((0..<4).map { "q\($0)/0.work" }))
    }
}

/// Says the same again and again, is stopped, and is cancelled.
struct Looping: Scenario {
    struct Story: Workflow {
        static let name = "looping"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            for _ in 0..<50 {
                _ = try await run.step("say", input: input, .quick) { _, step in
                    try await desk.charge(step, of: run.id)
                    return "the same"
                }
            }
            return 1
        }
    }

    let name = "loop"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r", limits: Limits(repeats: 3))
        try await client.until {
            let status = try await client.status("r")
            if status?.state == .paused {
                if status?.reason?.hasPrefix("loop at 3.say") != true {
                    client.world.complain("paused for \(status?.reason ?? "nothing")")
                }
                try await client.cancel("r")
            }
            return status?.state.isFinal ?? false
        }
    }

    func check(_ end: Ending) {
        end.state("r", "cancelled")
        end.charged(Set((0..<3).map { "r/\($0).say" }))
        end.spent("r", 30)
    }
}

/// Two orchestrators on one journal, of which one dies again and again.
struct Twins: Scenario {
    struct Story: Workflow {
        static let name = "twins"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            for _ in 0..<3 {
                _ = try await run.step("work", .quick) { step in
                    try await desk.charge(step, of: run.id)
                    // Long enough for somebody else to believe that it is free.
                    try await Task.sleep(for: .milliseconds(1))
                    return Done()
                }
            }
            return input
        }
    }

    let name = "two orchestrators"
    let hasTwin = true

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        for number in 0..<3 { try await client.start(Story.self, number, id: "t\(number)") }
        for number in 0..<3 { try await client.end(of: "t\(number)") }
    }

    func check(_ end: Ending) {
        for number in 0..<3 {
            end.state("t\(number)", "completed")
            end.spent("t\(number)", 30)
        }
        end.charged(
            Set((0..<3).flatMap { run in (0..<3).map { "t\(run)/\($0).work" } }))
    }
}
