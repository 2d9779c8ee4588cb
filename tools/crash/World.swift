import Database
import Durable
import Synchronization

/// What outlives every process of a case: the other services, and the client who was answered.
final class World: Sendable {
    /// A bug that the checks have to find.
    enum Plant: String, CaseIterable, Sendable {
        /// Keys change with each attempt.
        case key
        /// The engine's clock is ahead of the world's, now and then.
        case timer
    }

    struct State {
        /// By key: what was charged, and for which step of which life.
        var charges: [String: (step: String, amount: Int64)] = [:]
        /// What a client was told, as `decide r go true`.
        var acknowledged: [String] = []
        var wrong: [String] = []
        var underWay: [String: Fate] = [:]
        var marks: [String: Int64] = [:]
        var broken = true
        var made = 0
    }

    let plant: Plant?
    /// The services around a Write session.
    let studio = Studio()
    private let state = Mutex(State())

    init(plant: Plant?) { self.plant = plant }

    var charges: [(key: String, step: String, amount: Int64)] {
        state.withLock { $0.charges.map { ($0.key, $0.value.step, $0.value.amount) } }
    }
    var acknowledged: [String] { state.withLock { $0.acknowledged } }
    var wrong: [String] { state.withLock { $0.wrong } }
    /// True until the world was mended: a step that depends on it fails for good.
    var isBroken: Bool {
        get { state.withLock { $0.broken } }
        set { state.withLock { $0.broken = newValue } }
    }

    func acknowledge(_ what: String) { state.withLock { $0.acknowledged.append(what) } }
    func complain(_ what: String) {
        state.withLock { if !$0.wrong.contains(what) { $0.wrong.append(what) } }
    }

    /// Remembers a moment, once.
    func mark(_ name: String, at time: Int64) {
        state.withLock { $0.marks[name] = $0.marks[name] ?? time }
    }
    func moment(_ name: String) -> Int64? { state.withLock { $0.marks[name] } }

    /// The other side's commit: acts once per key.
    func apply(_ key: String, step: String, _ amount: Int64) {
        state.withLock { state in
            let used: String
            if plant == .key {
                state.made += 1
                used = "\(key)#\(state.made)"
            } else {
                used = key
            }
            if state.charges[used] == nil { state.charges[used] = (step, amount) }
        }
    }

    /// True once something was charged under this key.
    func has(_ key: String) -> Bool { state.withLock { $0.charges[key] != nil } }

    /// A step's body begins; two living processes must not be in one step at once.
    func enter(_ step: String, _ fate: Fate) {
        let other = state.withLock { state in
            defer { state.underWay[step] = fate }
            return state.underWay[step]
        }
        if let other, other !== fate, !other.isDead { complain("\(step) is run by two at once") }
    }

    func leave(_ step: String, _ fate: Fate) {
        state.withLock { if $0.underWay[step] === fate { $0.underWay[step] = nil } }
    }
}

/// The world as one process reaches it.
struct Desk: Sendable {
    let world: World
    let fate: Fate
    let engine = Late()

    /// Filled once the engine is made, which needs its workflows first.
    final class Late: Sendable {
        private let value = Mutex<Engine?>(nil)
        var now: Engine? {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    /// Charges for a step, under its key.
    func charge(_ step: Step, of run: String, _ amount: Int64 = 10) async throws {
        try await work(step, of: run) {
            world.apply(step.key, step: step.key, amount)
        }
        step.spend(amount)
    }

    /// A call of another service, with every way in which it can end.
    func work(_ step: Step, of run: String, _ effect: () -> Void) async throws {
        try fate.checkAlive()
        world.enter(step.key, fate)
        defer { world.leave(step.key, fate) }
        try await checkNotDone(step.path, of: run, as: step.key)
        switch fate.ask("\(step.key) asked") {
        case nil:
            // A process that died while this was on its way asks for nothing.
            try fate.checkAlive()
            effect()
        case .dies:
            fate.die()
            throw Died()
        case .diesAsked:
            fate.die()
            effect()
            throw Died()
        case .calleeDies: throw Unanswered()
        case .replyLost:
            effect()
            throw Unanswered()
        }
        fate.reach("\(step.key) answered")
        try fate.checkAlive()
    }

    /// What the journal has is not done again.
    func checkNotDone(_ path: String, of run: String, as what: String) async throws {
        guard let engine = engine.now else { return }
        let steps = try await engine.steps(run)
        // A process that died meanwhile looks at what others have done since.
        if !fate.isDead,
            steps.contains(where: {
                $0.path == path && ($0.state == .done || $0.state == .failed)
            })
        {
            world.complain("\(what): its step \(path) is journaled and runs again")
        }
    }

    /// Wall time of the world, whatever the engine thinks it is.
    var now: Int64 { WallClock.milliseconds() }
}

extension StepOptions {
    /// For a world that is back at once.
    static let quick = StepOptions(attempts: 6, backoff: .microseconds(200))
}
