/// When a second request is worth its money.
public enum HedgeRule {
    /// Fewer measurements than this say nothing of the slow ones.
    public static let least = 20
    /// A second request sooner than this would double the load rather than shorten the tail.
    static let soonest = Duration.milliseconds(20)

    /// How long the first request is waited for; nil for no second one. `percentile` is measured:
    /// the time within which so many of 100 first tokens came, with the count behind it.
    public static func delay(
        _ hedge: HedgeDelay?, percentile: (Int) -> (time: Duration, count: Int)?
    ) -> Duration? {
        switch hedge {
        case nil: return nil
        case .after(let delay): return max(delay, .milliseconds(1))
        case .percentile(let percent):
            guard let measured = percentile(percent), measured.count >= least else { return nil }
            return max(measured.time, soonest)
        }
    }
}
