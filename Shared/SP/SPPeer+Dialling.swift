import Dispatch
import EventLoop
import Glibc
import Synchronization
import TLS

/// How a peer comes to its connection, and what happens when it is lost. All of it on the loop's
/// thread.
extension SPPeer {
    static let firstPause: UInt64 = 50_000_000
    private static let longestPause: UInt64 = 2_000_000_000
    /// A listener shakes hands, greets and takes the preface at once; this is for one that hangs,
    /// or a machine that does not answer.
    private static let longestGreeting: UInt64 = 10_000_000_000

    func dial() {
        retryAt = .max
        guard state.withLock({ !$0.isClosed && $0.stream == nil }) else { return }
        if let place = address.fixed { return connect(to: place) }
        // A name is looked up each time, for it may have moved, and not here, for that blocks.
        DispatchQueue.global().async { [self] in
            let place = address.resolve()
            loop.perform {
                if let place { self.connect(to: place) } else { self.later() }
            }
        }
    }

    private func connect(to place: SPAddress.Place) {
        guard state.withLock({ !$0.isClosed && $0.stream == nil }) else { return }
        let descriptor = address.makeSocket(place)
        guard descriptor >= 0 else { return later() }
        let session: TLSSession?
        do {
            session = try secure(descriptor)
        } catch {
            Glibc.close(descriptor)
            refuse("\(error)")
            later()
            return tell()
        }
        guard place.withRaw({ Glibc.connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS,
            loop.add(descriptor, self, for: session == nil ? .read : [.read, .write])
        else {
            Glibc.close(descriptor)
            return later()
        }
        let stream = SPStream(descriptor: descriptor, session: session)
        isShaking = session != nil
        state.withLock { state in
            state.stream = stream
            state.connection += 1
            state.out.append(raw: greeting)
            // Nothing is said before the connection is private.
            state.isBlocked =
                isShaking || !state.out.write(to: stream) || state.out.count > 0
            if state.isBlocked { loop.watch(descriptor, for: [.read, .write]) }
        }
        openBy = monotonic() &+ Self.longestGreeting
        loop.wake(by: openBy)
    }

    private func secure(_ descriptor: Int32) throws(TLSError) -> TLSSession? {
        guard address.isSecure else { return nil }
        guard let tls = trust.tls else {
            throw .file("\(address.url) needs certificates, and there are none")
        }
        return try tls.session(over: descriptor, expecting: trust.name ?? address.host)
    }

    /// Goes on with the handshake. True when the connection is private.
    func shake() -> Bool {
        guard let stream = state.withLock({ $0.stream }), let session = stream.session else {
            return false
        }
        switch Shaking(session) {
        case .done: break
        case .waits(let readiness):
            loop.watch(stream.descriptor, for: readiness)
            return false
        case .failed:
            lost(stream)
            return false
        }
        isShaking = false
        state.withLock { state in
            state.isBlocked = false
            loop.watch(stream.descriptor, for: .read)
        }
        flush()
        return true
    }

    /// A connection ended. Where the reason is that one side does not believe the other, waiting
    /// longer would tell nobody.
    func lost(_ stream: SPStream) {
        if let trouble = stream.trouble, trouble != .gone, !state.withLock({ $0.isOpen }) {
            refuse("\(trouble)")
        }
        drop(.lost)
    }

    func opened() {
        (pause, openBy) = (Self.firstPause, .max)
        askAgain()
        state.withLock { state in
            guard !state.isOpen else { return }
            state.isOpen = true
            state.trouble = nil
            state.unsentBytes = 0
            // In the order in which they were made, as nearly as the numbers tell.
            for number in state.calls.keys.sorted() {
                guard let body = state.calls[number]?.unsent else { continue }
                state.out.append(number: number, body: body, prefix: address.prefix)
                state.calls[number]?.unsent = nil
            }
        }
        flush()
        tell()
    }

    /// The other side is about to end: it answers what it has, and refuses what comes.
    func leave() {
        state.withLock { state in
            guard state.isOpen, !state.isLeaving else { return }
            state.isLeaving = true
            // Nothing follows: new calls are refused under this very lock.
            state.out.append(number: SPFrames.goodbye, body: [], prefix: address.prefix)
        }
        loop.changed(self)
        tell()
    }

    /// Ends the connection, or nothing when `connection` is an earlier one. Calls that were never
    /// sent wait for the next.
    func drop(_ why: SPError, of connection: Int? = nil) {
        var gone: [Answer] = []
        let wasConnected = state.withLock { state -> Bool in
            if let connection, connection != state.connection { return false }
            let wasConnected = state.stream != nil
            guard wasConnected || state.isClosed else { return false }
            if let stream = state.stream {
                stream.session?.shutdown()
                loop.remove(stream.descriptor)
            }
            state.stream = nil
            (state.isOpen, state.isBlocked, state.isLeaving) = (false, false, false)
            state.out.removeAll()
            for (number, call) in state.calls where call.unsent == nil || state.isClosed {
                gone.append(call.answer)
                _ = state.take(number)
            }
            return wasConnected
        }
        for answer in gone { answer.resume(throwing: why) }
        guard wasConnected else { return }
        (openBy, askAt) = (.max, .max)
        (isShaking, asked, answer) = (false, nil, nil)
        emptyInbox()
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
