import Console
import EventLoop
import Glibc

/// One measured stretch: warms up, then counts calls and how long each took. The same figures, in
/// the same form, as `peers/bench.h`.
///
/// Unchecked: touched by tasks of one loop only, which are one thread.
final class Lap: @unchecked Sendable {
    private static let warmUp: UInt64 = 300_000_000
    private static let most = 1 << 23

    private let from: UInt64
    private let until: UInt64
    private var took: [UInt32] = []
    private var isMeasuring = false
    private var processorTime: UInt64 = 0

    init(seconds: Double) {
        from = monotonic() + Self.warmUp
        until = from + UInt64(seconds * 1e9)
        took.reserveCapacity(Self.most)
    }

    /// Notes a call that began at `sent` and is answered now; false when the time is up.
    func note(_ sent: UInt64, _ now: UInt64) -> Bool {
        guard now < until else { return false }
        if isMeasuring {
            if took.count < Self.most { took.append(UInt32(truncatingIfNeeded: now - sent)) }
        } else if now >= from {
            isMeasuring = true
            processorTime = Self.used()
            say("begin")
        }
        return true
    }

    func report() {
        let used = Self.used() - processorTime
        say("end")
        took.sort()
        guard !took.isEmpty else { return say("{\"calls\":0}") }
        say(
            "{\"calls\":\(took.count),\"seconds\":\(Double(until - from) / 1e9),"
                + "\"p50\":\(took[took.count / 2]),\"p99\":\(took[took.count * 99 / 100]),"
                + "\"cpu\":\(used)}")
    }

    private static func used() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// One line for the script that listens.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
}
