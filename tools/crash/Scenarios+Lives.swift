import Durable

/// A fork with another input, made while the first run waits.
struct Forking: Scenario {
    struct Story: Workflow {
        static let name = "forking"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            _ = try await run.step("hold", StepOptions.quick.own) { step in
                try await desk.charge(step, of: run.id, 1)
                return Done()
            }
            let one = try await run.step("one", input: input, .quick) { input, step in
                try await desk.charge(step, of: run.id)
                return input + 1
            }
            let two = try await run.step("two", input: one, .quick) { one, step in
                try await desk.charge(step, of: run.id)
                return one * 10
            }
            guard try await run.gate("go", as: Bool.self) else { return 0 }
            return try await run.step("three", .quick) { step in
                try await desk.charge(step, of: run.id)
                return two
            }
        }
    }

    let name = "fork"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r")
        try await client.until {
            if try await client.waits("r", at: "go") { return true }
            return try await client.status("r")?.state.isFinal ?? false
        }
        try await client.fork("r", at: "2.two", 7, as: "f")
        for run in ["r", "f"] {
            try await client.until {
                if try await client.waits(run, at: "go") {
                    try await client.decide(run, "go", true)
                }
                return try await client.status(run)?.state.isFinal ?? false
            }
        }
    }

    func check(_ end: Ending) {
        end.state("r", "completed")
        end.state("f", "completed")
        end.charged([
            "r/0.hold", "r/1.one", "r/2.two", "r/4.three", "f/0.hold", "f/2.two", "f/4.three",
        ])
        end.spent("r", 31)
        end.spent("f", 21)
    }
}

/// Fails for good, is mended, and is retried.
struct Retrying: Scenario {
    struct Refused: CodedFailure {
        var failureCode: String { "refused" }
        var failureMessage: String { "the world is broken" }
        var isPermanent: Bool { true }
    }

    struct Story: Workflow {
        static let name = "retrying"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            _ = try await run.step("hold", StepOptions.quick.own) { step in
                try await desk.charge(step, of: run.id, 1)
                return Done()
            }
            do {
                return try await run.parallel("both", [0, 1]) { item, run in
                    try await run.step("work", .quick) { step in
                        if item == 1, desk.world.isBroken { throw Refused() }
                        try await desk.charge(step, of: run.id)
                        return item
                    }
                }.reduce(0, +)
            } catch let failure as StepFailure {
                _ = try await run.step("tidy", .quick) { step in
                    try await desk.charge(step, of: run.id, 2)
                    return Done()
                }
                throw failure
            }
        }
    }

    let name = "retry"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r")
        try await client.until {
            let status = try await client.status("r")
            if status?.state == .failed {
                client.world.isBroken = false
                try await client.retry("r")
            }
            return status?.state == .completed
        }
    }

    func check(_ end: Ending) {
        end.state("r", "completed")
        end.claim(end.runs["r"]?.life == 2, "life \(end.runs["r"]?.life ?? 0)")
        end.charged([
            "r/0.hold", "r~2/0.hold", "r/1.both/0/0.work", "r~2/1.both/1/0.work", "r/2.tidy",
        ])
        end.spent("r", 24)
        end.claim(
            end.kinds["r"] == ["run.started", "run.failed", "run.resumed", "run.completed"],
            "events \(end.kinds["r"] ?? [])")
    }
}

/// A child, a signal and a timer, waited for at once.
struct Families: Scenario {
    struct Parent: Workflow {
        static let name = "parent"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            let sums = try await run.parallel("all", [0, 1, 2], width: 3) { item, run in
                switch item {
                case 0: return try await run.child(Child.self, 4)
                case 1:
                    try await run.timer(for: .milliseconds(1))
                    return 20
                default: return try await run.signal("extra", as: Int.self)
                }
            }
            return try await run.step("sum", .quick) { step in
                try await desk.charge(step, of: run.id)
                return sums.reduce(0, +)
            }
        }
    }

    struct Child: Workflow {
        static let name = "child"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            var sum = 0
            for number in 0..<2 {
                sum += try await run.step("add", .quick) { step in
                    try await desk.charge(step, of: run.id)
                    return number + input
                }
            }
            return sum
        }
    }

    let name = "child and signal"

    func workflows(_ desk: Desk) -> [any Workflow] { [Parent(desk: desk), Child(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Parent.self, 1, id: "p")
        try await client.signal("p", "extra", 300, key: "k")
        try await client.signal("p", "extra", 999, key: "k")
        try await client.end(of: "p")
    }

    func check(_ end: Ending) {
        end.state("p", "completed")
        end.state("p/0.all/0/0.child", "completed")
        end.charged(["p/0.all/0/0.child/0.add", "p/0.all/0/0.child/1.add", "p/1.sum"])
        end.spent("p", 30)
        end.claim(
            end.world.acknowledged.filter { $0.hasPrefix("signal") }.count <= 1, "signalled twice")
    }
}

/// Stopped by its spending limit, and let go on with more.
struct Spending: Scenario {
    struct Story: Workflow {
        static let name = "spending"
        static let version = 1
        let desk: Desk

        func run(_ input: Int, _ run: Run) async throws -> Int {
            for _ in 0..<4 {
                _ = try await run.step(
                    "buy", StepOptions(attempts: 6, backoff: .microseconds(200), reserve: 10)
                ) { step in
                    try await desk.charge(step, of: run.id)
                    return Done()
                }
            }
            return 4
        }
    }

    let name = "spending limit"

    func workflows(_ desk: Desk) -> [any Workflow] { [Story(desk: desk)] }

    func drive(_ client: Client) async throws {
        try await client.start(Story.self, 1, id: "r", limits: Limits(spend: 25))
        try await client.until {
            let status = try await client.status("r")
            if status?.state == .paused {
                if let spent = status?.spent, spent > 25 {
                    client.world.complain("spent \(spent) of 25")
                }
                try await client.resume("r", limits: Limits(spend: 100))
            }
            return status?.state.isFinal ?? false
        }
    }

    func check(_ end: Ending) {
        end.state("r", "completed")
        end.charged(Set((0..<4).map { "r/\($0).buy" }))
        end.spent("r", 40)
        end.claim(end.kinds["r"]?.contains("run.paused") == true, "it was never paused")
    }
}
