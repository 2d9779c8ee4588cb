import Glibc

/// How long a loop that has run dry looks around before it sleeps.
///
/// A processor that sleeps has to be woken for each message, which takes longer than the message
/// does; one that looks around takes time from others. So the loop looks only while that has paid:
/// the window opens after a short sleep, closes by halves after long ones, and shuts for a while when
/// somebody else wanted the processor. The rule is that of Linux's halt polling
/// (Documentation/virt/kvm/halt-polling.rst). All times are nanoseconds.
struct Patience {
    /// By `ATELIER_LOOP_POLL_MICROSECONDS`, at most 200; 0 turns it off.
    private static let configured: UInt64 = {
        guard let text = getenv("ATELIER_LOOP_POLL_MICROSECONDS") else { return 150_000 }
        return UInt64(min(max(Int(String(cString: text)) ?? 0, 0), 200)) * 1_000
    }()
    private static let shortest: UInt64 = 5_000
    /// How much of a wait was the wake, which the next one will not need.
    private static let wake: UInt64 = 50_000
    /// A yield that nobody takes is back sooner, and so is one that a peer takes for its answer.
    private static let taken: UInt64 = 200_000
    /// How long others have the processors to themselves once one of them was kept waiting.
    private static let courtesy: UInt64 = 2_000_000

    /// When more than so many descriptors were ready at once, they come in crowds: a sleep between
    /// two of those makes the next one larger, and each of it cheaper.
    private static let crowd = 2

    private let longest: UInt64
    private var isCrowded = false
    private var window: UInt64 = 0
    private var shutUntil: UInt64 = 0

    init(longest: UInt64 = Self.configured) { self.longest = longest }

    var isOn: Bool { longest > 0 && !isCrowded }

    /// So many descriptors were ready; none says nothing.
    mutating func came(_ count: Int) {
        if count > 0 { isCrowded = count > Self.crowd }
    }

    func looksOn(since start: UInt64, at now: UInt64) -> Bool { now &- start < window }

    /// A yield between two looks.
    mutating func yielded(from start: UInt64, to end: UInt64) {
        guard end &- start > Self.taken else { return }
        (window, shutUntil) = (0, end &+ Self.courtesy)
    }

    /// A whole wait, with its looks.
    mutating func slept(from start: UInt64, to end: UInt64) {
        guard end >= shutUntil else { return }
        if end &- start < longest + Self.wake {
            window = longest
        } else {
            window = window / 2 < Self.shortest ? 0 : window / 2
        }
    }
}
