/// What one run may use. At a limit it is paused with the reason, not failed: a person may raise
/// it.
public struct Limits: Codable, Sendable, Equatable {
    /// The most a run may spend, in the smallest unit of money, its children included.
    public var spend: Int64
    /// The most rows a run may journal.
    public var rows: Int64
    /// How long after its start a run may go on. A run that only waits is left to wait.
    public var time: Duration
    /// How often in a row a step may give the same answer to the same input before that counts as
    /// a loop. Steps without an input, such as polls, never do.
    public var repeats: Int64

    /// Without a word, ten thousand rows, thirty days, twenty repeats.
    public init(
        spend: Int64 = .max, rows: Int64 = 10_000, time: Duration = .seconds(30 * 86_400),
        repeats: Int64 = 20
    ) {
        (self.spend, self.rows, self.time, self.repeats) = (spend, rows, time, max(repeats, 1))
    }
}
