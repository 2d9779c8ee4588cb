public import SQLite

/// A function that the writer's thread calls, in a transaction, at a time it asked for.
public final class Alarm: Sendable {
    /// What the function answers with.
    public struct Next: Sendable {
        /// How long until the next call; nil for "when rung".
        public var after: Duration?
        /// Called on the writer's thread once the transaction is on disk.
        public var committed: @Sendable () -> Void

        /// `committed` must be brief: the writer waits for it.
        public init(after: Duration?, committed: @escaping @Sendable () -> Void = {}) {
            (self.after, self.committed) = (after, committed)
        }
    }

    /// What the writer's thread calls; throwing rolls the call back.
    public typealias Body = @Sendable (Connection) throws -> Next

    /// After a call that failed, and was rolled back, this long passes before the next.
    public static let retryDelay = Duration.milliseconds(100)

    let number: Int
    private let writer: Writer

    init(number: Int, writer: Writer) {
        (self.number, self.writer) = (number, writer)
    }

    /// Calls the function no later than in `delay`, and not at once if it is being called now.
    public func ring(after delay: Duration = .zero) {
        writer.ring(number, at: Monitor.now() &+ delay.nanoseconds)
    }

    /// No call begins after this; one that is under way ends.
    public func cancel() { writer.removeAlarm(number) }
}

extension Duration {
    /// Rounded up, so that nothing is early; a negative duration is none.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let whole = min(UInt64(seconds), 1_000_000_000)  // some thirty years: no sum overflows
        return whole * 1_000_000_000 + (UInt64(attoseconds) + 999_999_999) / 1_000_000_000
    }
}
