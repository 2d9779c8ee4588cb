import MeshContract
import Synchronization

/// So many attempts a minute for each key; the table is bounded.
final class AttemptLimiter: Sendable {
    private static let minute: Int64 = 60_000
    private static let mostKeys = 10_000
    private static let longestKey = 512

    private struct Window {
        var start: Int64
        var count = 0
    }

    private let perMinute: Int
    private let what: String
    private let windows = Mutex<[String: Window]>([:])

    /// `what` names the attempts to whoever has made too many.
    init(_ what: String, perMinute: Int) { (self.what, self.perMinute) = (what, perMinute) }

    /// Counts an attempt. Throws `limited`, with the wait, when it is one too many.
    func admit(_ key: String, now: Int64) throws(Fault) {
        let key = String(decoding: key.utf8.prefix(Self.longestKey), as: UTF8.self)
        let wait = windows.withLock { windows -> Int64? in
            if windows[key] == nil, windows.count >= Self.mostKeys { Self.shrink(&windows, now) }
            var window = windows[key] ?? Window(start: now)
            // A clock that was set back must not lock anybody out.
            if now - window.start >= Self.minute || now < window.start {
                window = Window(start: now)
            }
            window.count += 1
            windows[key] = window
            return window.count > perMinute ? Self.minute - (now - window.start) : nil
        }
        guard let wait else { return }
        throw Fault(
            .limited, "too many attempts to \(what)", detail: "\(perMinute) a minute",
            retryAfterMilliseconds: Int(max(wait, 1)))
    }

    /// Takes an attempt for what it was: the right one.
    func forget(_ key: String) {
        let key = String(decoding: key.utf8.prefix(Self.longestKey), as: UTF8.self)
        windows.withLock { $0[key] = nil }
    }

    /// Lets go of what is over, and of the older half where that does not suffice: whoever fills the
    /// table must not be able to empty it.
    private static func shrink(_ windows: inout [String: Window], _ now: Int64) {
        windows = windows.filter { now - $0.value.start < minute }
        guard windows.count >= mostKeys else { return }
        let starts = windows.values.map(\.start).sorted()
        let middle = starts[starts.count / 2]
        windows = windows.filter { $0.value.start > middle }
    }
}
