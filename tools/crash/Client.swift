import Durable

/// Whoever asks things of the engine from outside. It outlives the engine's process, so an answer
/// that comes out of a dead one was never given.
struct Client: Sendable {
    let engine: Engine
    let world: World
    let fate: Fate

    /// Asks; a true answer that arrives is remembered.
    private func ask(_ what: String, _ body: () async throws -> Bool) async throws -> Bool {
        try fate.checkAlive()
        let answer = try await body()
        try fate.checkAlive()
        if answer { world.acknowledge(what) }
        return answer
    }

    func start<W: Workflow>(
        _ type: W.Type, _ input: W.Input, id: String, limits: Limits = .init(),
        lane: Lane = .init()
    ) async throws {
        _ = try await ask("start \(id)") {
            try await engine.start(type, input, id: id, limits: limits, lane: lane)
        }
    }

    func decide(_ run: String, _ gate: String, _ value: Bool) async throws {
        _ = try await ask("decide \(run) \(gate) \(value)") {
            try await engine.decide(run, gate: gate, value)
        }
    }

    /// Decides a session's gate, as a person does.
    func decide(_ run: String, _ gate: String, _ decision: String) async throws {
        _ = try await ask("decide \(run) \(gate) \(decision)") {
            try await engine.decide(
                run, gate: gate, GateDecision(decision: decision, feedback: nil))
        }
    }

    func cancel(_ run: String) async throws {
        _ = try await ask("cancel \(run)") { try await engine.cancel(run) }
    }

    func signal(_ run: String, _ name: String, _ value: Int, key: String) async throws {
        _ = try await ask("signal \(run) \(key)") {
            try await engine.signal(run, name, value, key: key)
        }
    }

    func resume(_ run: String, limits: Limits? = nil) async throws {
        _ = try await ask("resume \(run)") { try await engine.resume(run, limits: limits) }
    }

    func retry(_ run: String) async throws {
        _ = try await ask("retry \(run)") { try await engine.retry(run) }
    }

    func reconcile(_ run: String, _ step: String, _ value: Int) async throws {
        _ = try await ask("reconcile \(run)") {
            try await engine.reconcile(run, step: step, value)
        }
    }

    func fork(_ run: String, at step: String, _ input: Int, as id: String) async throws {
        _ = try await ask("fork \(id)") {
            try await engine.fork(run, at: step, input: input, as: id)
        }
    }

    func fork(_ run: String, at step: String, as id: String) async throws {
        _ = try await ask("fork \(id)") { try await engine.fork(run, at: step, as: id) }
    }

    func status(_ run: String) async throws -> Engine.Status? {
        try fate.checkAlive()
        return try await engine.status(run)
    }

    /// Looks every few milliseconds until `look` says true: less often the longer it takes, for
    /// looking is most of what a case costs.
    func until(_ look: () async throws -> Bool) async throws {
        var pause = Duration.milliseconds(1)
        while try await !look() {
            try fate.checkAlive()
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(8))
        }
    }

    /// Waits for the end of a run.
    func end(of run: String) async throws {
        try await until { try await status(run)?.state.isFinal ?? false }
    }

    /// True when the run waits at this gate.
    func waits(_ run: String, at gate: String) async throws -> Bool {
        guard let status = try await status(run) else { return false }
        return status.waits.contains { $0.kind == "gate" && $0.name == gate }
    }
}
