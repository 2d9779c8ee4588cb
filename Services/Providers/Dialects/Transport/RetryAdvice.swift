/// What a response's fields say about trying again: `x-should-retry`, `retry-after-ms` and
/// `retry-after` (RFC 9110, 10.2.3), as the official libraries obey them.
struct RetryAdvice {
    let after: Duration?
    let retryable: Bool?

    /// Longer waits are cut to this.
    private static let longest = 86_400.0

    init(_ headers: [(name: String, value: String)]) {
        func field(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name }?.value
        }
        switch field("x-should-retry")?.lowercased() {
        case "true": retryable = true
        case "false": retryable = false
        default: retryable = nil
        }
        if let text = field("retry-after-ms"), let milliseconds = Double(text) {
            after = Self.wait(milliseconds / 1000)
        } else if let text = field("retry-after"), let seconds = Double(text) {
            after = Self.wait(seconds)
        } else if let then = field("retry-after").flatMap(Self.seconds),
            let now = field("date").flatMap(Self.seconds)
        {
            // The server's own clock, so that ours does not matter.
            after = Self.wait(Double(then - now))
        } else {
            after = nil
        }
    }

    static func wait(_ seconds: Double) -> Duration? {
        guard seconds.isFinite else { return nil }
        return .milliseconds(Int(min(max(seconds, 0), longest) * 1000))
    }

    /// Seconds since the year 0 of an HTTP date in its one form in use, as in
    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func seconds(_ date: String) -> Int? {
        let parts = date.split { $0 == " " || $0 == ":" || $0 == "," }
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        guard parts.count == 8, parts[7] == "GMT",
            let day = Int(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts[2])),
            let year = Int(parts[3]), (1970...9999).contains(year),
            let hour = Int(parts[4]), (0...23).contains(hour),
            let minute = Int(parts[5]), (0...59).contains(minute),
            let second = Int(parts[6]), (0...60).contains(second)
        else { return nil }
        // Years that begin in March have the leap day at their end.
        let shifted = month < 2 ? year - 1 : year
        let fromMarch = (month + 10) % 12
        let days =
            365 * shifted + shifted / 4 - shifted / 100 + shifted / 400
            + (153 * fromMarch + 2) / 5 + day
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }
}
