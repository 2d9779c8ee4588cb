public import Log

/// What a handler knows of the call it answers, beside the request.
public struct Call: Sendable {
    /// The call under way in this task, so that the calls it makes carry the same id.
    @TaskLocal public static var current: Call?

    /// The same through every service that one outside request reaches.
    public let id: String
    /// The service that calls, or `admin` for a command line.
    public let caller: String
    /// W3C Trace Context `traceparent`, where the outside sent one.
    public let trace: String?
    /// How long the caller waits.
    public let time: Duration
    public let log: Log

    public init(id: String, caller: String, trace: String? = nil, time: Duration, log: Log) {
        (self.id, self.caller, self.trace) = (id, caller, trace)
        (self.time, self.log) = (time, log)
    }

    /// Runs `body` as part of this call.
    public nonisolated(nonsending) func run<R>(
        _ body: nonisolated(nonsending) () async throws -> R
    ) async rethrows -> R {
        try await Call.$current.withValue(self) { try await body() }
    }
}
