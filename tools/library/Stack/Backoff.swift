/// How long to wait before a service that ended is started again.
///
/// The first time at once, for most ends are accidents; then ever longer, for what ends again and
/// again has a cause that a restart does not mend. A service that stayed up begins anew.
struct Backoff: Sendable, Equatable {
    static let first = Duration.milliseconds(100)
    static let longest = Duration.seconds(5)
    /// A service that was up this long counts as mended.
    static let steady = Duration.seconds(10)

    /// Restarts in a row, without a steady time between them.
    private(set) var restarts = 0

    mutating func delay(afterUptime uptime: Duration) -> Duration {
        if uptime >= Self.steady { restarts = 0 }
        defer { restarts += 1 }
        guard restarts > 0 else { return .zero }
        return min(Self.first * (1 << min(restarts - 1, 6)), Self.longest)
    }
}
