import EventLoop
import Synchronization

/// How a connection ends without a loss: each side knows that the other sends nothing more.
extension SPLink {
    /// How long a peer that does not know the word keeps the connection after it. nng's own is one.
    private static let courtesy: UInt64 = 250_000_000

    func sayGoodbye() {
        state.withLock { state in
            guard state.isLive, state.goodbyeAt == nil else { return }
            state.goodbyeAt = monotonic()
            state.out.append(
                header: SPFrames.goodbyeHeader, body: [], prefix: listener.address.prefix)
        }
        listener.loop.changed(self)
    }

    /// True when the request says that no other one will follow.
    func isGoodbye(_ header: [UInt8]) -> Bool {
        guard header == SPFrames.goodbyeHeader else { return false }
        return state.withLock { state in
            guard state.goodbyeAt != nil else { return false }
            state.isReleased = true
            return true
        }
    }

    /// True when no call is in hand, every reply has been given to the kernel and, after a goodbye,
    /// nothing more will come.
    var isQuiet: Bool {
        state.withLock { state in
            guard state.calls.isEmpty, state.out.count == 0 else { return false }
            guard let goodbyeAt = state.goodbyeAt, !state.isReleased else { return true }
            return monotonic() >= goodbyeAt &+ Self.courtesy
        }
    }
}
