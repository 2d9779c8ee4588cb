import EventLoop

/// Holds a sender to a minimum rate, counting only the time in which somebody waits for it.
///
/// It is a purse of time: waiting spends it, bytes fill it, and it never holds more than the grace,
/// so that a fast start does not pay for a long silence. A total would kill large uploads instead.
struct BodyPace: Sendable {
    private let rate: UInt64
    private let grace: UInt64
    private var purse: UInt64
    private var waitingSince: UInt64?

    init(rate: Int, grace: Duration) {
        self.rate = UInt64(max(rate, 1))
        self.grace = grace.nanoseconds
        purse = self.grace
    }

    /// Somebody waits from now on; answers until when.
    mutating func begin(at now: UInt64) -> UInt64 {
        waitingSince = now
        return now &+ purse
    }

    /// Nobody waits any more.
    mutating func end(at now: UInt64) {
        guard let since = waitingSince else { return }
        waitingSince = nil
        purse -= min(purse, now &- since)
    }

    /// Bytes have come.
    mutating func received(_ bytes: Int) {
        let earned = UInt64(bytes).multipliedReportingOverflow(by: 1_000_000_000)
        purse = earned.overflow ? grace : min(grace, purse &+ earned.partialValue / rate)
    }
}

extension HTTPLimits {
    /// For one peer that something waits for.
    var sendPace: BodyPace { BodyPace(rate: minAnswerRate, grace: responseStall) }
}
