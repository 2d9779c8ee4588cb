internal import Database
import Synchronization

/// One run in memory, from its claim to its record.
extension Engine {
    /// What the function made of this activation.
    private enum End: Sendable {
        case result(Result<[UInt8], StepFailure>, [Event])
        case cancelled([Event])
        case parked(Ending)
    }

    /// A journal that refuses a run's end is asked again after this long.
    private static let settleDelay = Duration.milliseconds(250)
    /// And this often, once the engine stops.
    private static let lastAttempts = 3

    func execute(_ activation: Activation) async {
        let end = await perform(activation)
        // Before its end is journaled: from that moment on the run may be claimed anew.
        state.withLock { state in
            let id = activation.claim.id
            if state.active[id] === activation { state.active[id] = nil }
        }
        await settle(activation, end)
        if state.withLock({ $0.backlog }) { ring() }
    }

    private func perform(_ activation: Activation) async -> End {
        let claim = activation.claim
        let name = "\(claim.start.workflow) v\(claim.start.version)"
        guard let program = programs[name] else {
            return .parked(.attention("no code for \(name)"))
        }
        if claim.rows > 0 {
            do {
                activation.load(try await read { try $0.entries(of: claim.id) })
            } catch let error as Unreadable {
                return .parked(.attention("\(error)"))
            } catch {
                return .parked(.interrupted("read the journal: \(error)"))
            }
        }
        let root = Run(activation)
        let result = await withTaskCancellationHandler {
            await activation.run { try await program.run(claim.start.input, root) }
        } onCancel: {
            activation.end(.released)
        }
        guard let result else { return .parked(.abandoned) }
        return judge(activation, result, root)
    }

    private func judge(
        _ activation: Activation, _ result: Result<[UInt8], any Error>, _ root: Run
    ) -> End {
        // Whatever the function made of it, an activation that ended before stays ended.
        if let ending = activation.ending { return .parked(ending) }
        if activation.isCancelling { return .cancelled(root.takeEvents()) }
        let unvisited = activation.unvisited
        if let first = unvisited.first {
            let text = "replay differs: expected \(first) and \(unvisited.count - 1) more"
            return .parked(.attention("\(text), found the end"))
        }
        switch result {
        case .success(let bytes):
            return .result(.success(bytes), root.takeEvents())
        case .failure(let failure as StepFailure):
            return .result(.failure(failure), root.takeEvents())
        case .failure(let error):
            return .result(.failure(StepFailure(path: "", error)), root.takeEvents())
        }
    }

    /// Journals the end, again and again: a run that is ours in the journal and not in memory would
    /// stand still until a restart.
    private func settle(_ activation: Activation, _ end: End) async {
        var attempts = 0
        while true {
            do {
                return try await record(activation, end)
            } catch DatabaseError.closed {
                return
            } catch {
                attempts += 1
                options.report("record the end of \(activation.key): \(error)")
                if Task.isCancelled && attempts >= Engine.lastAttempts { return }
                await pause()
            }
        }
    }

    private func pause() async {
        do {
            try await Task.sleep(for: Engine.settleDelay)
        } catch {
            return  // the engine is being stopped: there is no time to wait
        }
    }

    private func record(_ activation: Activation, _ end: End) async throws {
        switch end {
        case .result(let result, let events):
            try await finish(activation.claim, result, cancelled: false, events)
        case .cancelled(let events):
            let failure = StepFailure(path: "", code: "cancelled", message: "cancelled")
            try await finish(activation.claim, .failure(failure), cancelled: true, events)
        case .parked(.lost):
            break
        case .parked(.evicted):
            try await park(activation, .waiting, nil)
        case .parked(.released), .parked(.abandoned):
            try await park(activation, .running, nil)
        case .parked(.interrupted(let why)):
            options.report("\(activation.key) is interrupted: \(why)")
            await pause()
            try await park(activation, .running, nil)
        case .parked(.paused(let why)):
            try await park(activation, .paused, why)
        case .parked(.attention(let why)):
            try await park(activation, .attention, why)
        }
    }

    private func finish(
        _ claim: Claim, _ result: Result<[UInt8], StepFailure>, cancelled: Bool, _ events: [Event]
    ) async throws {
        options.fault?("\(claim.key):finish before")
        _ = try await write(
            "\(claim.key):finish",
            committed: { [self] in settled(claim, $0) }
        ) {
            try $0.finish(claim, result: result, cancelled: cancelled, events)
        }
    }

    private func park(_ activation: Activation, _ to: RunState, _ reason: String?) async throws {
        let (claim, woken) = (activation.claim, activation.woken)
        options.fault?("\(claim.key):park before")
        let settlement = try await write(
            "\(claim.key):park",
            committed: { [self] in settled(claim, $0) }
        ) {
            try $0.park(claim, woken: woken, state: to, reason: reason)
        }
        switch settlement?.state {
        case .running, .pausing, .cancelling: ring()  // to be claimed at once
        default: break
        }
    }

    private func settled(_ claim: Claim, _ settlement: Journal.Settlement?) {
        guard let settlement else { return }
        deliver(settlement.parent.map { [$0] } ?? [])
        if settlement.state.isFinal {
            watchers.end(claim.key)
        } else {
            watchers.tell(claim.key, .events)  // a wait is no event, and yet worth a look
        }
    }
}
