import Synchronization

/// What became of a history that was run against the present code.
public enum Replay: Sendable, Equatable {
    /// The code did what the history says, and came to the same end.
    case same
    /// The code did what the history says as far as that goes, and would go on with these steps.
    case goesOn([String])
    /// The code no longer does what the history says: what was expected, what was found, where.
    case diverges(String)

    /// True when a run with this history could go on.
    public var isFaithful: Bool {
        if case .diverges = self { return false }
        return true
    }
}

extension Engine {
    /// The code that there is, as `name v1`.
    public var code: [String] { programs.keys.sorted() }

    /// Runs the present code over a history, and says where the two part. No step is performed and
    /// nothing is written; the engine need not run.
    ///
    /// `version` is the code's, where that is not the history's own.
    public func replay(_ history: History, version: Int? = nil) async throws -> Replay {
        let name = "\(history.workflow) v\(version ?? history.version)"
        guard let program = programs[name] else { return .diverges("no code for \(name)") }
        let input = try History.bytes(history.input)
        let isCancelled = history.state == .cancelled || history.state == .cancelling
        let claim = Claim(
            id: 0, key: history.run,
            start: Start(
                workflow: history.workflow, version: version ?? history.version, input: input),
            fence: 0, state: isCancelled ? .cancelling : .running, rows: 0, woken: 0, spent: 0,
            limits: Limits(rows: .max, repeats: .max), deadline: .max, lane: 0, life: history.life,
            floor: .max)
        let activation = Activation(claim, engine: self, isReplay: true)
        activation.load(try history.entries())
        let root = Run(activation)
        let result = await activation.run { try await program.run(input, root) }
        return judge(history, activation, result)
    }

    private func judge(
        _ history: History, _ activation: Activation, _ result: Activation.Answer?
    ) -> Replay {
        switch activation.ending {
        case .attention(let why): return .diverges(why)
        case .evicted: return judgeFrontier(history, activation)
        default: break
        }
        if !activation.frontier.isEmpty { return judgeFrontier(history, activation) }
        if let first = activation.unvisited.first {
            return .diverges("expected \(first), found the end")
        }
        if activation.isCancelling { return .same }
        let (value, failure): ([UInt8]?, StepFailure?) =
            switch result {
            case .success(let bytes): (bytes, nil)
            case .failure(let error as StepFailure): (nil, error)
            case .failure(let error): (nil, StepFailure(path: "", error))
            case nil: (nil, nil)
            }
        switch history.state {
        case .completed where value.map(History.text) != history.result:
            return .diverges("expected the end with another result")
        case .failed where failure?.code != history.code || failure?.message != history.reason:
            return .diverges(
                "expected failure \(history.code ?? ""), found \(failure?.code ?? "a result")")
        case .completed where failure != nil, .failed where failure == nil:
            return .diverges("expected the run \(history.state), found the other")
        default: return .same
        }
    }

    /// The code waits, or would do more than the history tells.
    private func judgeFrontier(_ history: History, _ activation: Activation) -> Replay {
        let frontier = activation.frontier
        let isEnded = history.state.isFinal
        if let next = frontier.first, isEnded {
            return .diverges("expected the end, found \(next)")
        }
        if let missing = activation.unvisited.first, let next = frontier.first {
            return .diverges("expected \(missing), found \(next)")
        }
        if let missing = activation.unvisited.first { return .diverges("expected \(missing)") }
        return frontier.isEmpty ? .same : .goesOn(frontier)
    }
}

extension Activation {
    /// The operations that a replay came to and that its history does not have.
    var frontier: [String] { state.withLock { $0.frontier.sorted() } }

    /// A replay goes no further than its history: this branch waits until the others have come as
    /// far as they can.
    func meetFrontier(_ path: String, shielded: Bool) async throws {
        guard isReplay else { return }
        try unwindIfEnded(shielded: shielded)
        state.withLock { _ = $0.frontier.insert(path) }
        _ = try await wait(path)
    }
}
