import Glibc

/// The time of day, as tables keep it: milliseconds since 1970.
public enum WallClock {
    /// The time now. It may step back when the machine's clock is set.
    public static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
