import Civil
import Glibc

/// The `Date` field (RFC 9110, 5.6.7), made once per second.
struct HTTPDate {
    private var second = -1
    private var text = ""

    /// The present second as an IMF-fixdate.
    mutating func current() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        guard now.tv_sec != second else { return text }
        second = now.tv_sec
        text = CivilTime(Int64(second)).httpDate
        return text
    }
}
