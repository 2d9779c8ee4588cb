import EventLoop
import Synchronization

/// How a caller comes to its connection, and what happens when it is lost. All of it on the loop's
/// thread, but for what libnng tells.
extension NngCaller {
    static let firstPause: UInt64 = 100_000_000
    private static let longestPause: UInt64 = 5_000_000_000
    /// The number of no call: a reply under it says that the other side is about to end, and a
    /// request, that no other one follows.
    static let goodbye: UInt32 = 0x8000_0000

    /// A fresh socket. It tries by itself until there is somebody (100 ms to 5 s between two tries).
    func dial() {
        retryAt = .max
        guard state.withLock({ !$0.isClosed && $0.socket == nil }) else { return }
        guard let socket = try? CallerSocket(self) else { return later() }  // no memory, descriptor
        state.withLock { $0.socket = socket }
        guard loop.add(socket.bell, self), (try? socket.dial()) != nil else {
            return lost(socket, .lost)
        }
    }

    /// From libnng's threads.
    func connectionChanged(_ socket: CallerSocket, isUp: Bool) {
        loop.perform {
            if isUp { self.opened(socket) } else { self.lost(socket, .lost) }
        }
    }

    /// From libnng's threads.
    func hasRoom(_ socket: CallerSocket) {
        let isCurrent = state.withLock { state in
            guard state.socket === socket else { return false }
            state.isBlocked = false
            return true
        }
        if isCurrent { flush() }
    }

    private func opened(_ socket: CallerSocket) {
        guard state.withLock({ $0.socket === socket }) else { return }
        introduce()
    }

    /// The other side is about to end: it answers what it has, and refuses what comes.
    func leave() {
        state.withLock { state in
            guard state.isUp, !state.isLeaving else { return }
            state.isLeaving = true
            // Nothing follows: new calls are refused under this very lock.
            state.append(Outgoing(number: Self.goodbye, isWithdrawal: true))
        }
        loop.changed(self)
        tell()
    }

    func closeNow() {
        let socket = state.withLock { state in
            state.isClosed = true
            return state.socket
        }
        lost(socket, .closed)
        loop.removeTimed(self)
    }

    /// Ends the connection. Calls that libnng never had wait for the next one, unless this is the
    /// end.
    func lost(_ socket: CallerSocket?, _ why: NngCallError) {
        let gone = state.withLock { state -> [Answer]? in
            guard state.socket === socket else { return nil }
            (state.socket, state.isUp, state.isBlocked) = (nil, false, false)
            (state.isLeaving, state.question) = (false, nil)
            (state.given, state.sent) = (0, 0)
            state.queue.removeAll { $0.isWithdrawal }
            var gone: [Answer] = []
            for (number, call) in state.calls where call.unsent == nil || state.isClosed {
                gone.append(call.answer)
                _ = state.take(number)
            }
            return gone
        }
        guard let gone else { return }
        (asked, askAt, answerBy) = (nil, .max, .max)
        if let socket {
            loop.remove(socket.bell, closing: false)
            socket.close()
        }
        for answer in gone { answer.resume(throwing: why) }
        later()
        tell()
    }

    private func later() {
        guard state.withLock({ !$0.isClosed }) else { return }
        retryAt = monotonic() &+ pause
        pause = min(pause * 2, Self.longestPause)
        loop.wake(by: retryAt)
    }
}
