import SP
import Synchronization

/// Takes calls at an address, over whichever library.
protocol Listener: Sendable {
    /// Takes no further connection and, where the other side understands it, asks for no further
    /// request; calls in hand are still answered.
    func drain()
    /// True when no call is in hand and every reply is on its way.
    func isQuiet() async -> Bool
    /// Ends every connection; the tasks of calls in hand are cancelled.
    func close()
}

extension SPListener: Listener {}

/// Whether a listening server has begun to end: what comes then is refused unread, so that its
/// caller goes elsewhere at once.
final class Ending: Sendable {
    private let flag = Atomic(false)

    var hasBegun: Bool { flag.load(ordering: .acquiring) }
    func begin() { flag.store(true, ordering: .releasing) }
}

/// A server that listens, and how to end it.
public struct Listening: Sendable {
    let listener: any Listener
    let ending: Ending
    /// Who judges callers; nil where nobody has to.
    var gate: Gatekeeper?

    /// Refuses further calls in a way that lets their callers go elsewhere, waits at most `time`
    /// until those in hand are answered and the answers sent, then closes. A second stop does
    /// nothing.
    public func stop(within time: Duration = .seconds(5)) async {
        ending.begin()
        listener.drain()
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end, !Task.isCancelled, await !listener.isQuiet() {
            try? await Task.sleep(for: .milliseconds(5))  // cancelled: the loop's condition sees it
        }
        // The last answers are with the kernel, not with their callers: libnng on the other side
        // throws away what it has not read when this one closes.
        try? await Task.sleep(for: .milliseconds(20))  // cancelled: they may be lost
        listener.close()
    }
}
