public import Database

/// How one engine behaves, and who listens to it.
public struct EngineOptions: Sendable {
    /// The most runs in memory; the others wait in the journal.
    public var width = 1_024

    /// An engine that is silent for this long loses its runs to another on the same file.
    public var lease: Duration = .seconds(5)

    /// How often to look for what another engine on the same file has left here.
    public var poll: Duration = .milliseconds(250)

    /// The queues that have limits; every other is bounded by `width` alone.
    public var queues: [String: QueueLimits] = [:]

    /// A cancelled run whose step does not end within this time is left behind; its cleanup is
    /// done without waiting for the step.
    public var grace: Duration = .seconds(1)

    /// Milliseconds since 1970.
    public var now: @Sendable () -> Int64 = WallClock.milliseconds

    /// Called with each event and the id of its run, in the transaction that numbers it: a place
    /// for the caller's own tables, or an outbox. What it throws refuses the transaction.
    public var mirror: (@Sendable (Connection, String, LoggedEvent) throws -> Void)?

    /// Told what a person operating the engine should read.
    public var report: @Sendable (String) -> Void = { _ in }

    /// Told of every point where a process may die; crash tests die there.
    public var fault: (@Sendable (String) -> Void)?

    /// The behaviour that suits one engine in one process.
    public init() {}
}

/// One event of a run, as the journal numbers it: from 1, without gaps.
public struct LoggedEvent: Sendable {
    /// Its place among the run's events.
    public let seq: Int64
    /// Milliseconds since 1970.
    public let at: Int64
    /// What happened: `RunEvent`'s names are the engine's, the others the workflow's.
    public let kind: String
    /// As it was emitted, encoded; of the engine's own a `StateChange`.
    public let body: [UInt8]
    /// True when it happened to the run that this one was forked from.
    public internal(set) var isCopied = false

    /// The body as the type it was emitted as.
    public func decode<Body: Decodable>(_ type: Body.Type) throws -> Body {
        try Codec.decode(type, from: body)
    }
}

/// The result of one step, as the journal has it.
public struct JournaledOutcome: Sendable {
    /// Such as `3.round/1.write`.
    public let path: String
    let value: [UInt8]

    /// The result as the type that the step returned.
    public func decode<Out: Decodable>(_ type: Out.Type) throws -> Out {
        try Codec.decode(type, from: value)
    }
}
