import Database
import Durable
import Glibc
import Synchronization
import Testing

/// A path of its own for each test, removed with the value.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/durable-tests-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        for end in ["", "-wal", "-shm"] { unlink("\(path)/file.db\(end)") }
        rmdir(path)
    }

    var file: String { path + "/file.db" }
}

/// A value that a test shares with its workflows.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var now: Value { value.withLock { $0 } }

    @discardableResult
    func change<T: Sendable>(_ body: @Sendable (inout Value) -> T) -> T {
        value.withLock { body(&$0) }
    }
}

extension Shared<[String]> {
    func note(_ text: String) { change { $0.append(text) } }
    func count(_ text: String) -> Int { now.filter { $0 == text }.count }
}

/// Something that happens once, and can be waited for.
final class Moment: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

    func happen() { continuation.yield() }
    func wait() async { for await _ in stream { return } }
}

/// Runs an engine for as long as `body` runs.
func withEngine<T: Sendable>(
    _ workflows: [any Workflow], in database: Database? = nil,
    options: EngineOptions = .init(), _ body: @Sendable (Engine) async throws -> T
) async throws -> T {
    let used = try database ?? Database(path: ":memory:", migrations: Engine.migrations)
    defer { if database == nil { used.close() } }
    let engine = Engine(database: used, workflows: workflows, options: options)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await engine.run() }
        defer { group.cancelAll() }
        return try await body(engine)
    }
}

extension Engine {
    /// Waits until the run is in this state; gives up when it has ended in another.
    @discardableResult
    func until(_ run: String, _ state: RunState) async throws -> Status {
        for await _ in watch(run) {
            guard let status = try await status(run) else { continue }
            if status.state == state { return status }
            if status.state.isFinal { break }
        }
        let status = try #require(try await status(run))
        #expect(status.state == state, "\(run): \(status.reason ?? "")")
        return status
    }

    /// The kinds of all its events, after a check that they are numbered from 1 without gaps.
    func kinds(_ run: String) async throws -> [String] {
        let events = try await events(run, after: 0)
        #expect(events.map(\.seq) == events.indices.map { Int64($0 + 1) })
        return events.map(\.kind)
    }
}

extension LoggedEvent {
    var change: StateChange? {
        try? decode(StateChange.self)
    }
}

/// Adds one, again and again, with a key that the outside remembers.
struct Count: Workflow {
    static let name = "count"
    static let version = 1
    let calls: Shared<[String]>

    func run(_ steps: Int, _ run: Run) async throws -> Int {
        var total = 0
        for number in 0..<steps {
            total = try await run.step("add", input: total) { [calls] total, step in
                calls.note(step.key)
                step.spend(10)
                try step.emit("added", number)
                return total + 1
            }
        }
        return total
    }
}

/// Asks a person between two steps.
struct Ask: Workflow {
    static let name = "ask"
    static let version = 1

    func run(_ input: Int, _ run: Run) async throws -> String {
        let one = try await run.step("one", input: input) { input, step in
            try step.emit("one", input)
            return input
        }
        let two = try await run.step("two", input: 2) { two, _ in two * 10 }
        try run.emit("asked", "go?")
        guard try await run.gate("go", as: Bool.self) else { return "no" }
        return try await run.step("three") { _ in "\(one + two)" }
    }
}
