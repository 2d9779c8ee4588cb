/// How one step is tried.
public struct StepOptions: Sendable {
    /// What a crash between the effect and its record means.
    public enum Effect: Sendable {
        /// The other side honours the key: repeat until the journal knows the answer.
        case keyed
        /// The other side has no keys: journal the intent first, and stop as "in doubt" after a
        /// crash.
        case once
    }

    /// How often the body is tried in all.
    public var attempts: Int
    /// Before the second attempt; doubled for each further one, up to a minute.
    public var backoff: Duration
    /// For each attempt. A body that ignores its cancellation delays the timeout.
    public var timeout: Duration?
    /// What the other side does with a repeated call.
    public var effect: Effect
    /// What the step may spend at most; it does not start when that would pass the run's limit.
    public var reserve: Int64
    /// True for what every run does for itself, such as setting credits aside: neither a fork nor
    /// a retry takes over the result.
    public var isOwn: Bool

    /// Three attempts at a call whose other side honours keys.
    public init(
        attempts: Int = 3, backoff: Duration = .milliseconds(100), timeout: Duration? = nil,
        effect: Effect = .keyed, reserve: Int64 = 0, isOwn: Bool = false
    ) {
        (self.attempts, self.backoff, self.timeout) = (attempts, backoff, timeout)
        (self.effect, self.reserve) = (effect, min(max(reserve, 0), Step.spendLimit))
        self.isOwn = isOwn
    }

    /// The same, done by every run for itself.
    public var own: StepOptions {
        var options = self
        options.isOwn = true
        return options
    }
}
