import EventLoop
import Glibc
import TLS

/// One listening socket and the connections it took, all on one loop.
///
/// Unchecked: everything that changes is touched by the loop's thread only.
final class Listener: Pollable, @unchecked Sendable {
    typealias Accept = @Sendable (Int32) -> Socket.Accepted

    /// Connections that are told 503 at one time; past it they are closed without a word.
    private static let maxTurnedAway = 64
    /// Deadlines may be this late, so that many of them need one look at the connections.
    private static let sweepRest: UInt64 = 20_000_000

    let loop: EventLoop
    let core: ServerCore
    private let descriptor: Int32
    private let accept: Accept
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    private var connections: [Int32: Connection] = [:]
    private var turnedAway = 0
    private var running = 0
    private var date = HTTPDate()
    private(set) var draining = false
    private var drainWaiters: [Waiter<Void>] = []
    private var nextSweep = UInt64.max
    private var resumeAt = UInt64.max
    private var drainDeadline = UInt64.max

    init(
        loop: EventLoop, core: ServerCore, descriptor: Int32,
        accept: @escaping Accept = { Socket.accept($0) }
    ) {
        self.loop = loop
        self.core = core
        self.descriptor = descriptor
        self.accept = accept
    }

    deinit { scratch.deallocate() }

    var limits: HTTPLimits { core.limits }

    /// From any thread.
    func open() {
        loop.perform { [self] in
            loop.add(descriptor, self)
            loop.addTimed(self)
        }
    }

    func ready(_ readiness: Readiness) {
        guard !draining, resumeAt == .max else { return }
        // Not without end: those who are connected want to be served, too.
        for _ in 0..<64 {
            switch accept(descriptor) {
            case .peer(let peer, let address): admit(peer, address)
            case .lost: continue
            case .none: return
            case .exhausted:
                // The kernel would report the same waiting peer again and again.
                resumeAt = monotonic() &+ limits.acceptPause.nanoseconds
                loop.watch(descriptor, for: [])
                loop.wake(by: resumeAt)
                return
            }
        }
    }

    private func admit(_ peer: Int32, _ address: String) {
        let admitted = core.enter()
        guard admitted || turnedAway < Self.maxTurnedAway else {
            close(peer)
            return
        }
        let stream: PeerStream
        do throws(TLSError) {
            stream = PeerStream(descriptor: peer, session: try core.tls?.session(over: peer))
        } catch {
            // OpenSSL has no memory left; the context has told of files that cannot be used.
            close(peer)
            if admitted { core.leave() }
            return
        }
        let connection = Connection(stream, remote: address, of: self, counted: admitted)
        connections[peer] = connection
        loop.add(peer, connection, for: [.read, .peerClosed])
        guard !admitted else { return connection.open() }
        turnedAway += 1
        connection.refuse(.tooBusy)
    }

    // MARK: For connections

    /// Reads at most `room` bytes and lends them; the count is that of `recv`.
    func receive(
        _ stream: PeerStream, room: Int
    ) -> (count: Int, bytes: UnsafeRawBufferPointer) {
        let part = UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(room, scratch.count)])
        let count = stream.receive(part)
        return (count, UnsafeRawBufferPointer(rebasing: scratch[..<max(count, 0)]))
    }

    func currentDate() -> String { date.current() }

    /// A connection has to be looked at by then.
    func note(_ deadline: UInt64) {
        guard deadline < nextSweep else { return }
        nextSweep = deadline
        loop.wake(by: deadline)
    }

    func forget(_ connection: Connection) {
        connections[connection.descriptor] = nil
        if connection.counted { core.leave() } else { turnedAway -= 1 }
        checkDrained()
    }

    func handlerStarted() { running += 1 }

    func handlerEnded() {
        running -= 1
        checkDrained()
    }

    // MARK: Time

    func expire(_ now: UInt64) -> UInt64 {
        if resumeAt <= now {
            resumeAt = .max
            if !draining { loop.watch(descriptor, for: .read) }
        }
        if drainDeadline <= now { cutAll() }
        if nextSweep <= now { sweep(now) }
        return min(nextSweep, resumeAt, drainDeadline)
    }

    private func sweep(_ now: UInt64) {
        nextSweep = .max
        var soonest = UInt64.max
        for connection in connections.values { soonest = min(soonest, connection.expire(now)) }
        nextSweep = min(nextSweep, max(soonest, now &+ Self.sweepRest))
    }

    // MARK: The end

    /// Takes nobody new, lets what is in hand end, and cuts the rest off at the deadline.
    func drain(until deadline: UInt64, _ waiter: Waiter<Void>) {
        if !draining {
            // Those who are connected already in the kernel's eyes are taken in.
            ready(.read)
            draining = true
            loop.remove(descriptor)
        }
        drainWaiters.append(waiter)
        for connection in connections.values { connection.drain() }
        drainDeadline = min(drainDeadline, deadline)
        loop.wake(by: drainDeadline)
        checkDrained()
    }

    private func cutAll() {
        for connection in connections.values { connection.close() }
        endDrain()
    }

    private func checkDrained() {
        if draining && connections.isEmpty && running == 0 { endDrain() }
    }

    private func endDrain() {
        drainDeadline = .max
        loop.removeTimed(self)
        let waiters = drainWaiters
        drainWaiters = []
        for waiter in waiters { waiter.resolve(.success(())) }
    }
}
