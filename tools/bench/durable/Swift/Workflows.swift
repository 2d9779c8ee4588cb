import Database
import Durable

/// So many steps one after the other, each with a small result and an event of its own.
struct Chain: Workflow {
    static let name = "chain"
    static let version = 1

    func run(_ steps: Int, _ run: Run) async throws -> Int {
        var sum = 0
        for number in 0..<steps {
            sum = try await run.step("add") { [sum] step in
                try step.emit("added", number)
                return sum + number
            }
        }
        return sum
    }
}

/// Works once, then waits for a person.
struct Gated: Workflow {
    static let name = "gated"
    static let version = 1

    func run(_ number: Int, _ run: Run) async throws -> Int {
        let made = try await run.step("make") { _ in number }
        let question = GateQuestion(kind: "approval", prompt: "Is this right?")
        let answer: GateDecision = try await run.gate("review", asking: question)
        return answer.isApproval ? made : 0
    }
}

extension Engine {
    /// Starts a run and returns when its end is journaled.
    func complete<W: Workflow>(_ type: W.Type, _ input: W.Input, id: String) async throws {
        let notices = watch(id)
        try await start(type, input, id: id)
        for await _ in notices {}
    }
}

/// Runs an engine over a file for as long as `body` runs.
func withEngine<T: Sendable>(
    on file: String, _ body: @Sendable (Engine) async throws -> T
) async throws -> T {
    let database = try Database(path: file, migrations: Engine.migrations)
    defer { database.close() }
    let engine = Engine(database: database, workflows: [Chain(), Gated()])
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await engine.run() }
        let value = try await body(engine)
        group.cancelAll()
        return value
    }
}
