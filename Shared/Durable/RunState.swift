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
    public let state: RunState
    /// For a person: what it waits for, what failed, who asked.
    public let reason: String?
    /// For a program: the code of the failure.
    public let code: String?

    public init(state: RunState, reason: String? = nil, code: String? = nil) {
        (self.state, self.reason, self.code) = (state, reason, code)
    }
}

/// The names of the engine's own events.
public enum RunEvent {
    public static let started = "run.started"
    public static let paused = "run.paused"
    public static let resumed = "run.resumed"
    public static let attention = "run.attention"
    public static let completed = "run.completed"
    public static let failed = "run.failed"
    public static let cancelled = "run.cancelled"
}
