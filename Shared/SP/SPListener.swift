public import EventLoop
import Glibc
import Synchronization
public import TLS

/// Answers calls: REP on the wire. Calls of one peer run at once, and each reply leaves when it is
/// ready. Or publishes: PUB on the wire. Who is connected and keeps up hears what is said.
///
/// Unchecked: the variables are touched by the loop's thread only.
public final class SPListener: Pollable, @unchecked Sendable {
    /// Gives the reply's bytes for the request's.
    public typealias Handler =
        nonisolated(nonsending) @Sendable ([UInt8], SPCall) async -> [UInt8]
    /// Gives the handler of one connection's requests, when it comes about.
    public typealias Accept = @Sendable (SPConnection) -> Handler

    /// What one listener takes on.
    public struct Limits: Sendable {
        /// The largest request in bytes.
        public var message = 16 << 20
        /// The most bytes of replies that may wait for one peer before it is read no further.
        public var room = 64 << 20
        /// The same for all of them together; whoever has a little waiting is still read.
        public var roomForAll = 256 << 20
        /// The most calls of one peer in hand before it is read no further.
        public var calls = 4_096
        public var peers = 4_096
        /// How long a peer may pause within its greeting or a message before it is dropped.
        public var patience = Duration.seconds(30)
        /// How long the handshake of a private connection may take.
        public var handshake = Duration.seconds(10)
        /// What holds until `SPConnection.vouch()`; nil where everybody is welcome.
        public var strangers: Strangers?
        /// Hears why a private connection did not come about.
        public var report: @Sendable (TLSError) -> Void = { _ in }

        public init() {}
    }

    /// What somebody may take who has not said yet, to our satisfaction, who it is.
    public struct Strangers: Sendable {
        /// The largest request in bytes.
        public var message = 1 << 16
        /// The most of them; when one more comes, the one that is there for longest has to go.
        public var peers = 256
        /// How long one may stay.
        public var patience = Duration.seconds(10)

        public init() {}
    }

    /// Connections that were ended, or not begun, since the start, and why.
    public struct Refusals: Sendable, Equatable {
        /// There were enough of them already.
        public var crowded = 0
        /// Another user of this machine.
        public var foreign = 0
        /// No private connection came about.
        public var handshakes = 0
        /// What came was not the protocol, too large, or ended in the middle.
        public var broken = 0
        /// Nothing came in time.
        public var silent = 0

        public init() {}
    }

    /// Bytes of replies that wait for all peers, where it is much for one.
    public var waiting: Int { held.load(ordering: .relaxed) }

    enum Role { case answers, publishes }

    let loop: EventLoop
    let address: SPAddress
    let role: Role
    let accept: Accept
    let limits: Limits
    let patience: UInt64
    private let tls: TLSContext?
    private let refused = Mutex(Refusals())
    let held = Atomic(0)
    private let descriptor: Int32
    private var links: [Int32: SPLink] = [:]
    /// Those not vouched for, the oldest first.
    private var strangers: [SPLink] = []
    private var retryAt = UInt64.max
    private var lookAt = UInt64.max
    private var isStopped = false
    private var isClosed = false

    /// Binds and listens; a socket file left by a dead process is replaced. Throws `errno` as
    /// `SPBindError`. A secure address needs `tls`.
    public convenience init(
        _ address: SPAddress, on loop: EventLoop, limits: Limits = Limits(),
        tls: TLSContext? = nil, _ handler: @escaping Handler
    ) throws(SPBindError) {
        try self.init(.answers, address, loop, limits, tls) { _ in handler }
    }

    /// The same with a handler for each connection, which may remember whose it is.
    public convenience init(
        _ address: SPAddress, on loop: EventLoop, limits: Limits = Limits(),
        tls: TLSContext? = nil, accept: @escaping Accept
    ) throws(SPBindError) {
        try self.init(.answers, address, loop, limits, tls, accept)
    }

    /// The same for publishing. `limits.room` is what may wait for one subscriber; past it, that
    /// one misses what is said.
    public convenience init(
        publishingAt address: SPAddress, on loop: EventLoop, limits: Limits = Limits(),
        tls: TLSContext? = nil
    ) throws(SPBindError) {
        try self.init(.publishes, address, loop, limits, tls) { _ in { _, _ in [] } }
    }

    private init(
        _ role: Role, _ address: SPAddress, _ loop: EventLoop, _ limits: Limits,
        _ tls: TLSContext?, _ accept: @escaping Accept
    ) throws(SPBindError) {
        (self.role, self.address, self.loop) = (role, address, loop)
        (self.limits, self.accept, self.tls) = (limits, accept, address.isSecure ? tls : nil)
        guard !address.isSecure || tls != nil else {
            throw SPBindError(url: address.url, number: EPROTONOSUPPORT)
        }
        patience = limits.patience.nanoseconds
        descriptor = try address.listen()
        let isKnown = loop.perform {
            loop.add(self.descriptor, self)
            loop.addTimed(self)
        }
        guard isKnown else {
            Glibc.close(descriptor)
            throw SPBindError(url: address.url, number: ESHUTDOWN)
        }
    }

    /// Says something to everybody who listens, and waits for nobody. From any thread.
    public func publish(_ message: [UInt8]) {
        loop.perform {
            for link in self.links.values { link.push(message) }
        }
    }

    /// Takes no further connection and says goodbye on those that there are: callers go elsewhere.
    /// Calls in hand are still answered, and so are those that meet the goodbye on its way.
    public func drain() {
        loop.perform {
            guard !self.isClosed, !self.isStopped else { return }
            self.isStopped = true
            // Who dials now is refused at once, instead of waiting for a greeting.
            self.loop.remove(self.descriptor)
            for link in self.links.values { link.sayGoodbye() }
        }
    }

    /// True when no call is in hand, every reply is on its way and, after `drain`, nothing more will
    /// come.
    public func isQuiet() async -> Bool {
        await withCheckedContinuation { answer in
            let isAsked = loop.perform {
                answer.resume(returning: self.links.values.allSatisfy(\.isQuiet))
            }
            if !isAsked { answer.resume(returning: true) }
        }
    }

    /// Ends every connection; the tasks of calls in hand are cancelled.
    public func close() { loop.perform { self.closeNow() } }

    /// Once only: the descriptor's number may belong to somebody else afterwards.
    private func closeNow() {
        guard !isClosed else { return }
        isClosed = true
        loop.removeTimed(self)
        if !isStopped { loop.remove(descriptor) }
        for link in links.values { link.drop() }
    }

    /// What was refused since the start.
    public var refusals: Refusals { refused.withLock(\.self) }

    typealias Reason = any WritableKeyPath<Refusals, Int> & Sendable

    func count(_ reason: Reason, _ why: TLSError? = nil) {
        refused.withLock { $0[keyPath: reason] += 1 }
        if let why { limits.report(why) }
    }

    func forget(_ link: SPLink) {
        links[link.stream.descriptor] = nil
        if !link.isVouched { vouched(link) }
    }

    /// One stranger fewer.
    func vouched(_ link: SPLink) { strangers.removeAll { $0 === link } }

    /// A link has to be looked at by then. The loop's thread only.
    func look(by deadline: UInt64) {
        guard deadline < lookAt else { return }
        lookAt = deadline
        loop.wake(by: deadline)
    }

    // MARK: Pollable

    public func ready(_ readiness: Readiness) {
        // Not without end: those who are connected want to be served, too.
        for _ in 0..<64 where !isClosed && !isStopped {
            let accepted = acceptConnection(descriptor)
            guard accepted < 0 else {
                admit(accepted)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return rest()
            default: return
            }
        }
    }

    public func expire(_ now: UInt64) -> UInt64 {
        if now >= retryAt {
            retryAt = .max
            if !isStopped { loop.watch(descriptor, for: .read) }
        }
        if now >= lookAt {
            lookAt = .max
            var next = UInt64.max
            for link in links.values { next = min(next, link.expire(now)) }
            // Many deadlines close together share one look.
            lookAt = next == .max ? .max : max(next, now &+ 20_000_000)
        }
        return min(retryAt, lookAt)
    }

    public func loopEnded() { closeNow() }

    // MARK: Peers

    private func admit(_ accepted: Int32) {
        guard links.count < limits.peers else { return refuse(accepted, \.crowded) }
        guard isOurs(accepted) else { return refuse(accepted, \.foreign) }
        address.tune(accepted)
        let session: TLSSession?
        do {
            session = try tls?.session(over: accepted)
        } catch {
            limits.report(error)
            return refuse(accepted, \.handshakes)
        }
        let link = SPLink(SPStream(descriptor: accepted, session: session), self)
        guard loop.add(accepted, link) else { return refuse(accepted, \.crowded) }
        links[accepted] = link
        if !link.isVouched { watchStranger(link) }
        loop.changed(link)
        look(by: link.expire(monotonic()))
    }

    private func refuse(_ accepted: Int32, _ why: Reason) {
        Glibc.close(accepted)
        count(why)
    }

    /// Who holds a place and proves nothing must not keep those away who would.
    private func watchStranger(_ link: SPLink) {
        strangers.append(link)
        guard let limit = limits.strangers?.peers, strangers.count > limit else { return }
        count(\.crowded)
        strangers[0].drop()
    }

    /// Out of descriptors: waiting on the listener would spin, so it rests for a moment.
    private func rest() {
        loop.watch(descriptor, for: [])
        retryAt = monotonic() &+ 100_000_000
        loop.wake(by: retryAt)
    }

    /// On ipc the kernel vouches for the caller's user: ours, or root.
    private func isOurs(_ accepted: Int32) -> Bool {
        guard address.isLocal else { return true }
        guard let user = peerUser(accepted) else { return false }
        return user == geteuid() || user == 0
    }
}
