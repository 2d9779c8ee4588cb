import CNng
public import EventLoop
import Glibc
import Synchronization

/// Answers calls over libnng, on its REP socket with a context for each call in hand: calls of one
/// peer run at once, on the loop, and each reply leaves when it is ready.
///
/// Unchecked: `inbox` and `peers` are mutexes; the variables are touched by the loop's thread only.
public final class NngAnswerer: Pollable, @unchecked Sendable {
    /// Gives the reply's bytes for the request's.
    public typealias Handler =
        nonisolated(nonsending) @Sendable ([UInt8], NngCall) async -> [UInt8]
    /// Gives the handler of one connection's requests, when it comes about.
    public typealias Accept = @Sendable (NngConnection) -> Handler

    /// What one answerer takes on.
    public struct Limits: Sendable {
        /// The largest request in bytes.
        public var message = 16 << 20
        /// The most bytes of replies that may wait for one peer before it is let go.
        public var room = 64 << 20
        /// The most calls in hand before nobody is read any further, and the most replies that may
        /// wait for one peer before it is let go.
        public var calls = 4_096
        public var peers = 4_096

        public init() {}
    }

    /// What libnng's threads have to tell the loop's, in the order in which it happened.
    ///
    /// Unchecked: a message has one owner, who is handed it here.
    enum News: @unchecked Sendable {
        case joined(UInt32)
        case left(UInt32)
        case asked(Slot, OpaquePointer, at: UInt64)
    }

    /// Between two looks at whether the listener still listens.
    private static let watchPause: UInt64 = 500_000_000

    let loop: EventLoop
    let limits: Limits
    private let url: String
    private let accept: Accept
    private let raw: nng_socket
    let slots: SlotPool
    private let inbox = Mutex<[News]>([])
    /// The connections that were let in; nil when nobody is let in any more.
    private let peers = Mutex<Set<UInt32>?>([])

    private var read: [News] = []
    private var links: [UInt32: NngLink] = [:]
    private var lookAt = UInt64.max
    /// nil until it listens.
    private var place: ListeningPlace?
    private var watchAt = UInt64.max
    private var isClosed = false

    /// Binds and listens; a socket file left by a dead process is replaced.
    public init(
        _ url: String, on loop: EventLoop, limits: Limits = Limits(), accept: @escaping Accept
    ) throws(NngError) {
        (self.url, self.loop, self.limits, self.accept) = (url, loop, limits, accept)
        _ = LibraryThreads.haveBegun
        var made = nng_socket()
        try NngError.check(nng_rep0_open(&made), "open a socket")
        raw = made
        slots = SlotPool(raw, most: limits.calls)
        let me = Unmanaged.passRetained(self)  // until the socket is closed
        for event in [NNG_PIPE_EV_ADD_PRE, NNG_PIPE_EV_REM_POST] {
            nng_pipe_notify(raw, event, peerChanged, me.toOpaque())
        }
        slots.open(self)
        do throws(NngError) {
            try NngError.check(
                nng_socket_set_size(raw, NNG_OPT_RECVMAXSZ, limits.message), "limit its messages")
            let place = try ListeningPlace(url, raw)
            self.place = place
            let isKnown = loop.perform {
                loop.addTimed(self)
                if place.isWatched { self.watch(monotonic()) }
            }
            guard isKnown else {
                throw NngError(code: Int32(NNG_ECLOSED.rawValue), doing: "listen on \(url)")
            }
        } catch {
            if !loop.perform({ self.closeNow() }) { closeNow() }
            throw error
        }
    }

    /// Takes no further connection; calls in hand are still answered, and so are those that come on
    /// the connections there are. (A socket of libnng's has no way to say goodbye on them.)
    public func drain() { peers.withLock { $0 = nil } }

    /// True when no call is in hand and every reply is on its way.
    public func isQuiet() async -> Bool {
        await withCheckedContinuation { answer in
            let isAsked = loop.perform { answer.resume(returning: self.isQuietNow) }
            if !isAsked { answer.resume(returning: true) }
        }
    }

    private var isQuietNow: Bool {
        guard inbox.withLock({ $0.isEmpty }), slots.isQuiet else { return false }
        let figures = Figures.connections()
        return links.allSatisfy { pipe, link in link.isQuiet(sent: figures[pipe]?.sent) }
    }

    /// Ends every connection; the tasks of calls in hand are cancelled. On tcp the port is free a
    /// moment later.
    public func close() { loop.perform { self.closeNow() } }

    private func closeNow() {
        guard !isClosed else { return }
        isClosed = true
        drain()
        slots.stop()
        loop.removeTimed(self)
        place?.leave()
        for link in links.values { link.end() }
        let connections = Set(links.keys)
        links = [:]
        closeAside { [self, place] in
            awaitCalm { connections }
            place?.close()
            nng_close(raw)
            slots.close()
            Unmanaged.passUnretained(self).release()  // nothing more is told
        }
        place = nil
    }

    /// A link has to be looked at by then. The loop's thread only.
    func look(by deadline: UInt64) {
        guard deadline < lookAt else { return }
        lookAt = deadline
        loop.wake(by: deadline)
    }

    // MARK: What libnng tells, on its threads

    fileprivate func changed(_ pipe: nng_pipe, _ event: nng_pipe_ev) {
        let id = UInt32(bitPattern: nng_pipe_id(pipe))
        guard event == NNG_PIPE_EV_ADD_PRE else {
            peers.withLock { _ = $0?.remove(id) }
            return tell(.left(id))
        }
        let isWelcome =
            isOurs(pipe)
            && peers.withLock { peers in
                guard let count = peers?.count, count < limits.peers else { return false }
                return peers?.insert(id).inserted ?? false
            }
        if isWelcome { tell(.joined(id)) } else { nng_pipe_close(pipe) }
    }

    func tell(_ news: News) {
        let isFirst = inbox.withLock { inbox in
            inbox.append(news)
            return inbox.count == 1
        }
        if isFirst { loop.performLater { self.hear() } }
    }

    /// On ipc the kernel vouches for the caller's user: ours, or root.
    private func isOurs(_ pipe: nng_pipe) -> Bool {
        guard url.hasPrefix("ipc://") else { return true }
        var user: UInt64 = 0
        guard nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_UID, &user) == 0 else { return false }
        return user == UInt64(geteuid()) || user == 0
    }

    // MARK: What is done about it, on the loop's

    private func hear() {
        inbox.withLock { swap(&$0, &read) }
        for news in read {
            switch news {
            case .joined(let pipe):
                if !isClosed { links[pipe] = NngLink(pipe, self, accept) }
            case .left(let pipe): links.removeValue(forKey: pipe)?.end()
            case .asked(let slot, let message, let arrived):
                let pipe = UInt32(bitPattern: nng_pipe_id(nng_msg_get_pipe(message)))
                if let link = links[pipe], !isClosed {
                    link.request(message, slot, arrived)
                } else {
                    nng_msg_free(message)
                    slots.release(slot)
                }
            }
        }
        read.removeAll(keepingCapacity: true)
    }

    public func expire(_ now: UInt64) -> UInt64 {
        if now >= watchAt { watch(now) }
        if now >= lookAt {
            lookAt = .max
            var next = UInt64.max
            for link in links.values { next = min(next, link.expire(now)) }
            // Many deadlines close together share one look.
            lookAt = next == .max ? .max : max(next, now &+ 20_000_000)
        }
        return min(lookAt, watchAt)
    }

    private func watch(_ now: UInt64) {
        guard !isClosed else { return }
        place?.watch()
        watchAt = now &+ Self.watchPause
        loop.wake(by: watchAt)
    }

    public func ready(_ readiness: Readiness) {}

    public func loopEnded() { closeNow() }
}

/// File-level, so that it is not inferred to belong to an actor; runs on libnng's threads.
private func peerChanged(
    _ pipe: nng_pipe, _ event: nng_pipe_ev, _ raw: UnsafeMutableRawPointer?
) {
    guard let raw else { return }
    Unmanaged<NngAnswerer>.fromOpaque(raw).takeUnretainedValue().changed(pipe, event)
}
