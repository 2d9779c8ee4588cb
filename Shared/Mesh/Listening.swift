import SP

/// Takes calls at an address, over whichever library.
protocol Listener: Sendable {
    /// Takes no further connection or request; calls in hand are still answered.
    func stopReading()
    /// True when no call is in hand and every reply is on its way.
    func isQuiet() async -> Bool
    /// Ends every connection; the tasks of calls in hand are cancelled.
    func close()
}

extension SPListener: Listener {}

/// A server that listens, and how to end it.
public struct Listening: Sendable {
    let listener: any Listener

    /// Takes no further call, waits at most `time` until those in hand are answered and the answers
    /// sent, then closes. A second stop does nothing.
    public func stop(within time: Duration = .seconds(5)) async {
        listener.stopReading()
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end, !Task.isCancelled, await !listener.isQuiet() {
            try? await Task.sleep(for: .milliseconds(5))  // cancelled: the loop's condition sees it
        }
        listener.close()
    }
}
