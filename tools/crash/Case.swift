import Database
import Durable
import FoundationEssentials
import Glibc

/// One story told once: processes that die as planned, then one that lives, then the checks.
struct Case {
    /// A story that takes longer than this stands still.
    private static let patience = Duration.seconds(60)

    struct Verdict: Sendable {
        var wrong: [String] = []
        /// How many of the planned deaths were died.
        var deaths = 0
        /// The points that were passed, in each process.
        var traces: [[Point]] = []
    }

    let scenario: any Scenario
    let plans: [Fate.Plan]
    let plant: World.Plant?
    let scratch: Scratch

    func run() async throws -> Verdict {
        let folder = try scratch.make()
        defer { scratch.remove(folder) }
        let world = World(plant: plant)
        var verdict = try await withTwin(world, folder) {
            var verdict = Verdict()
            for plan in plans + [.lives] {
                let fate = Fate(plan)
                let isOver = try await live(world, fate, folder)
                verdict.traces.append(fate.trace)
                if fate.hasMet { verdict.deaths += 1 }
                guard isOver else {
                    verdict.wrong = ["it stands still: \(try await standing(folder))"]
                    return verdict
                }
            }
            return verdict
        }
        if verdict.wrong.isEmpty {
            verdict.wrong = try Checks.wrong(scenario, world, file: "\(folder)/journal.db")
        }
        return verdict
    }

    /// Runs another process beside those that die, where the story has one.
    private func withTwin(
        _ world: World, _ folder: String, _ body: () async throws -> Verdict
    ) async throws -> Verdict {
        guard scenario.hasTwin else { return try await body() }
        let fate = Fate(.lives)
        let database = try Database(
            path: "\(folder)/journal.db", migrations: Engine.migrations, readers: 1)
        defer { database.close() }
        let desk = Desk(world: world, fate: fate)
        let engine = Engine(
            database: database, workflows: scenario.workflows(desk), options: settings(fate, world))
        desk.engine.now = engine
        defer { desk.engine.now = nil }
        let running = Task { await engine.run() }
        do {
            let verdict = try await body()
            running.cancel()
            await running.value
            return verdict
        } catch {
            running.cancel()
            throw error
        }
    }

    /// One process. False when it neither died nor came to the end of the story.
    private func live(_ world: World, _ fate: Fate, _ folder: String) async throws -> Bool {
        var options = DatabaseOptions()
        options.beforeCommit = { try fate.checkAlive() }
        let database = try Database(
            path: "\(folder)/journal.db", migrations: Engine.migrations, readers: 1,
            options: options)
        defer { database.close() }
        let desk = Desk(world: world, fate: fate)
        let engine = Engine(
            database: database, workflows: scenario.workflows(desk), options: settings(fate, world))
        desk.engine.now = engine
        defer { desk.engine.now = nil }
        return await withTaskGroup(of: Bool?.self) { group in
            group.addTask {
                await engine.run()
                return nil
            }
            group.addTask {
                await fate.wait()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return Task.isCancelled ? nil : fate.isDead
            }
            group.addTask { await drive(Client(engine: engine, world: world, fate: fate)) }
            var isOver = false
            while let result = await group.next() {
                guard let result else { continue }
                isOver = result
                break
            }
            group.cancelAll()
            return isOver
        }
    }

    /// Nil when the process died under the client's hands.
    private func drive(_ client: Client) async -> Bool? {
        while !Task.isCancelled {
            do {
                try await scenario.drive(client)
                return true
            } catch is Died {
                return nil
            } catch is CancellationError {
                return nil
            } catch {
                if client.fate.isDead { return nil }
                client.world.complain("a client was told: \(error)")
                return true
            }
        }
        return nil
    }

    private func settings(_ fate: Fate, _ world: World) -> EngineOptions {
        var options = EngineOptions()
        options.poll = .milliseconds(20)
        options.fault = { fate.reach($0) }
        options.queues = scenario.queues
        options.now = { [studio = world.studio] in WallClock.milliseconds() + studio.now.ahead }
        if plant == .timer {
            options.now = { WallClock.milliseconds() + (Bool.random() ? 70 : 0) }
        }
        return options
    }

    private func standing(_ folder: String) async throws -> String {
        let database = try Database(
            path: "\(folder)/journal.db", migrations: Engine.migrations, readers: 1)
        defer { database.close() }
        let engine = Engine(database: database, workflows: [])
        var text: [String] = []
        for run in try await engine.runs() {
            guard let status = try await engine.status(run) else { continue }
            let waits = status.waits.map { "\($0.kind) \($0.path)" }.joined(separator: ", ")
            text.append("\(run) \(status.state) \(status.reason ?? "") [\(waits)]")
        }
        return text.joined(separator: "; ")
    }
}

/// Folders in memory, each with a journal that is migrated already.
final class Scratch: Sendable {
    private let root: String

    init() throws {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/atelier-crash-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure("no folder in \(parent)") }
        root = String(cString: made)
        let database = try Database(
            path: "\(root)/empty.db", migrations: Engine.migrations, readers: 1)
        database.close()
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }  // litter is no failure

    func make() throws -> String {
        let folder = "\(root)/\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        try FileManager.default.copyItem(
            atPath: "\(root)/empty.db", toPath: "\(folder)/journal.db")
        return folder
    }

    func remove(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }
}

/// What the tool itself could not do.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
