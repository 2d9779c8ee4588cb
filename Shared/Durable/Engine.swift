public import Database
import Synchronization

/// Runs workflows whose steps survive the process, from tables in the caller's database.
///
/// The caller opens the database with `Engine.migrations` in its list and closes it after `run`
/// has returned; its own tables may change in the transactions that start runs.
public final class Engine: Sendable {
    struct Program: Sendable {
        let run: @Sendable ([UInt8], Run) async throws -> [UInt8]
    }

    struct State {
        /// 0 until the first tick has registered the engine.
        var id: Int64 = 0
        var life: LifeLine?
        var alarm: Alarm?
        var active: [Int64: Activation] = [:]
        /// Places that are promised to runs whose start is on its way to disk.
        var promised = 0
        /// Runs are ready for which there was no place: each one that falls free is news.
        var backlog = false
        var renewed: Int64 = 0
        /// The lane that was served last.
        var cursor: Int64 = 0
    }

    let options: EngineOptions
    let watchers = Watchers()
    let database: Database
    let programs: [String: Program]
    let state = Mutex(State())
    /// Bounded by `options.width`: what is in it has a place in memory.
    let claims: AsyncStream<Activation>
    let claimed: AsyncStream<Activation>.Continuation

    /// Nothing runs before `run()`; runs may be started before.
    public init(
        database: Database, workflows: [any Workflow], options: EngineOptions = .init()
    ) {
        (self.database, self.options) = (database, options)
        programs = Dictionary(uniqueKeysWithValues: workflows.map { Engine.erase($0) })
        (claims, claimed) = AsyncStream.makeStream()
    }

    private static func erase<W: Workflow>(_ workflow: W) -> (String, Program) {
        let name = "\(W.name) v\(W.version)"
        let program = Program { bytes, run in
            let input = try run.activation.decode(W.Input.self, bytes, at: "the start of \(name)")
            return try Codec.encode(try await workflow.run(input, run))
        }
        return (name, program)
    }

    /// Claims and runs until the task is cancelled; then frees what it holds. Called once.
    public func run() async {
        let alarm = database.addAlarm { [self] db in try tick(db) }
        let isFirst = state.withLock { state in
            defer { state.alarm = alarm }
            return state.alarm == nil
        }
        precondition(isFirst, "an engine runs once")
        alarm.ring()
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.lookAround() }
                for await activation in claims {
                    group.addTask { await self.execute(activation) }
                }
                group.cancelAll()
            }
        } onCancel: {
            claimed.finish()
            for activation in state.withLock({ Array($0.active.values) }) {
                activation.end(.released)
            }
        }
        alarm.cancel()
        let id = state.withLock { $0.id }
        do {
            let ended = try await write("engine:free") {
                try Leases($0).free(id, crashed: false)
            }
            deliver(ended)
        } catch {
            // The next engine finds the lock free and takes over as after a crash.
            options.report("free the runs of engine \(id): \(error)")
        }
        state.withLock { $0.life = nil }
    }

    /// Starts a run, once per id. False when the id was known.
    ///
    /// `alongside` writes the caller's own rows in the same transaction, if the run is new; what it
    /// throws refuses the start.
    @discardableResult
    public func start<W: Workflow>(
        _: W.Type, _ input: W.Input, id: String, limits: Limits = .init(), lane: Lane = .init(),
        alongside: (@Sendable (Connection) throws -> Void)? = nil
    ) async throws -> Bool {
        let start = Start(workflow: W.name, version: W.version, input: try Codec.encode(input))
        let owner = promise(to: lane)
        defer { if owner != nil { state.withLock { $0.promised -= 1 } } }
        let queues = options.queues
        let made = try await write(
            "\(id):start",
            committed: { [self] (made: (claim: Claim, isOurs: Bool)?) in
                guard let made else { return }
                if made.isOurs { adopt([made.claim]) } else { ring() }
                watchers.tell(id, .events)
            }
        ) { journal in
            let number = try journal.lane(lane)
            let isFree = try owner != nil && journal.hasPlace(lane, number, queues)
            let claim = try journal.create(
                start, key: id, limits, lane: number, owner: isFree ? owner : nil)
            if claim != nil { try alongside?(journal.db) }
            return claim.map { (claim: $0, isOurs: isFree) }
        }
        return made != nil
    }

    /// Keeps a place in memory for a run that is about to start; without one it waits in the
    /// journal. Where others wait, for a queue of some width, nobody goes ahead of them.
    private func promise(to lane: Lane) -> Int64? {
        let isOwn = lane.most != nil && options.queues[lane.queue]?.width ?? .max == .max
        return state.withLock { state in
            let isRoom = state.active.count + state.promised < options.width
            guard state.id > 0, isRoom, isOwn || !state.backlog else { return nil }
            state.promised += 1
            return state.id
        }
    }

    // MARK: For the other files of the engine

    func active(_ run: Int64) -> Activation? { state.withLock { $0.active[run] } }

    /// Asks for a tick no later than `time`; without one, at once.
    func ring(by time: Int64 = 0) {
        let alarm = state.withLock { $0.alarm }
        alarm?.ring(after: .milliseconds(max(0, time - options.now())))
    }

    func read<T: Sendable>(
        _ body: @escaping @Sendable (Journal) throws -> T
    ) async throws -> T {
        try await database.read { [now = options.now] in
            try body(Journal(db: $0, now: now()))
        }
    }

    func write<T: Sendable>(
        _ label: @autoclosure () -> String,
        committed: @escaping @Sendable (T) -> Void = { _ in },
        _ body: @escaping @Sendable (Journal) throws -> T
    ) async throws -> T {
        let (now, mirror) = (options.now, options.mirror)
        guard let fault = options.fault else {
            return try await database.transaction(committed: committed) {
                try body(Journal(db: $0, now: now(), mirror: mirror))
            }
        }
        let label = label()
        return try await database.transaction { value in
            fault("\(label) committed")
            committed(value)
        } _: { db in
            let value = try body(Journal(db: db, now: now(), mirror: mirror))
            fault("\(label) in-transaction")
            return value
        }
    }
}
