/// Where a run stands. The last three are final.
public enum RunState: String, Codable, Sendable {
    case running, pausing, cancelling
    case waiting, paused, attention
    case completed, failed, cancelled

    /// True when nothing about the run will change any more.
    public var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
}

/// The body of the events that the engine writes itself, `run.started` and its like.
public struct StateChange: Codable, Sendable, Equatable {
    /// The state that was entered.
    public let state: RunState
    /// For a person: what it waits for, what failed, who asked.
    public let reason: String?
    /// For a program: the code of the failure.
    public let code: String?
    /// The step that failed, or that a new life or a fork begins with.
    public let step: String?

    /// For tests and for whoever plays an engine.
    public init(
        state: RunState, reason: String? = nil, code: String? = nil, step: String? = nil
    ) {
        (self.state, self.reason, self.code, self.step) = (state, reason, code, step)
    }
}

/// The names of the engine's own events.
public enum RunEvent {
    /// The run exists.
    public static let started = "run.started"
    /// It was asked to stop, or is at a limit.
    public static let paused = "run.paused"
    /// It goes on: after a pause, in a new life, or as a fork.
    public static let resumed = "run.resumed"
    /// It cannot go on before a person has looked.
    public static let attention = "run.attention"
    /// It has a result.
    public static let completed = "run.completed"
    /// Its function threw.
    public static let failed = "run.failed"
    /// It was told to end, and has.
    public static let cancelled = "run.cancelled"
    /// It asks a person: a `GateOpened`.
    public static let gateOpened = "gate.opened"
    /// The person has answered, or the time is over: a `GateDecided`.
    public static let gateDecided = "gate.decided"
}
