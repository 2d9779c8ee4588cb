/// What one run may use. At a limit it is paused with the reason, not failed: a person may raise
/// it.
public struct Limits: Codable, Sendable, Equatable {
    /// The most a run may spend, in the smallest unit of money.
    public var spend: Int64
    /// The most rows a run may journal; a loop that never ends is paused here.
    public var rows: Int64
    /// How long after its start a run may begin further steps.
    public var time: Duration

    /// Without a word, ten thousand rows and thirty days.
    public init(spend: Int64 = .max, rows: Int64 = 10_000, time: Duration = .seconds(30 * 86_400)) {
        (self.spend, self.rows, self.time) = (spend, rows, time)
    }
}
