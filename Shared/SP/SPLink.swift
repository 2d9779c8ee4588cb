import EventLoop
import Glibc
import Synchronization
import TLS

/// One peer's connection to a listener.
///
/// Unchecked: `state` is a mutex; the variables are touched by the loop's thread only.
final class SPLink: Pollable, @unchecked Sendable {
    struct Hand {
        /// What the reply repeats: the stack of numbers by which the caller knows the call.
        let header: [UInt8]
        var task: Task<Void, Never>?
        var deadline = UInt64.max
        var isWithdrawn = false
    }

    struct State {
        var out = SendBuffer()
        var isLive = true
        var isBlocked = false
        var isPaused = false
        /// When goodbye was said, and whether the other side has taken note.
        var goodbyeAt: UInt64?
        var isReleased = false
        /// When a connection that is to end after its answers is ended in any case.
        var leaveBy = UInt64.max
        var isShut = false
        /// When this side began to read again after a pause.
        var readsSince: UInt64 = 0
        /// Of `out`, what the listener was told, and the most of it since it was nothing.
        var held = 0
        var mostHeld = 0
        var nextCall = 0
        var calls: [Int: Hand] = [:]
    }

    /// How often is read from one peer while others wait.
    private static let rounds = 16
    /// How long a peer may take to read why it has to go.
    private static let farewell: UInt64 = 2_000_000_000

    let state: Mutex<State>
    let listener: SPListener
    let stream: SPStream
    private let since = monotonic()
    private var isShaking: Bool
    /// False until who is connected has said so to somebody's satisfaction.
    private(set) var isVouched: Bool
    private let ceiling: Ceiling
    private var inbox: ReceiveBuffer
    /// Set once, before the first request.
    private(set) var handler: SPListener.Handler = { _, _ in [] }

    init(_ stream: SPStream, _ listener: SPListener) {
        var initial = State()
        let isReplier = listener.role == .answers
        initial.out.append(
            raw: SPFrames.greeting(isReplier ? SPFrames.reply : SPFrames.publish))
        isShaking = stream.session != nil
        // Nothing is said before the connection is private.
        initial.isBlocked = isShaking
        state = Mutex(initial)
        (self.stream, self.listener) = (stream, listener)
        let strangers = listener.limits.strangers
        isVouched = strangers == nil
        ceiling = Ceiling(strangers?.message ?? listener.limits.message)
        inbox = ReceiveBuffer(
            prefix: listener.address.prefix,
            expected: isReplier ? SPFrames.request : SPFrames.subscribe, limit: ceiling)
        handler = listener.accept(SPConnection(self))
    }

    func flush() {
        let lost = state.withLock { state -> Bool in
            guard state.isLive, !state.isBlocked, state.out.count > 0 else { return false }
            guard state.out.write(to: stream) else { return true }
            state.isBlocked = state.out.count > 0
            if state.isBlocked { watch(state) }
            pace(&state)
            showOut(&state)
            return false
        }
        if lost { listener.loop.performLater { self.drop() } }
    }

    func ready(_ readiness: Readiness) {
        if isShaking {
            guard shake() else { return }
        } else if readiness.contains(.write) {
            state.withLock { state in
                state.isBlocked = false
                watch(state)
            }
            flush()
        }
        guard readiness != .write || stream.session != nil else { return }
        let (isLive, isPaused) = state.withLock { ($0.isLive, $0.isPaused || $0.isShut) }
        guard isLive else { return }
        // Told without asking while nothing is read: nobody is there to be answered.
        if isPaused { return readiness.isDisjoint(with: [.hangup, .error]) ? () : drop() }
        read()
    }

    private func read() {
        for _ in 0..<Self.rounds {
            guard inbox.read(from: stream, request) else {
                if inbox.isUnfinished { listener.count(\.broken) }
                return drop()
            }
            guard stream.hasPending, mayRead else { break }
        }
        if inbox.isUnfinished { listener.look(by: inbox.heardAt &+ listener.patience) }
        if stream.hasPending { listener.loop.performLater { if self.mayRead { self.read() } } }
    }

    private var mayRead: Bool { state.withLock { $0.isLive && !$0.isPaused && $0.leaveBy == .max } }

    /// Goes on with the handshake. True when the connection is private.
    private func shake() -> Bool {
        guard let session = stream.session, state.withLock({ $0.isLive }) else { return false }
        switch Shaking(session) {
        case .done: break
        case .waits(let readiness):
            listener.loop.watch(stream.descriptor, for: readiness)
            return false
        case .failed(let why):
            listener.count(\.handshakes, why)
            isShaking = false
            state.withLock { $0.out.removeAll() }
            // OpenSSL has told the peer why, and the peer may already have said something else.
            finish()
            return false
        }
        isShaking = false
        state.withLock { state in
            state.isBlocked = false
            watch(state)
        }
        flush()
        return true
    }

    /// Takes up what had arrived already when reading was paused.
    func resume() {
        guard mayRead else { return }
        guard inbox.handOut(request) else { return drop() }
        if stream.hasPending && mayRead { read() }
    }

    func loopEnded() { drop() }

    /// Drops a peer that began to say something and does not go on, and cancels the calls that
    /// nobody waits for any more. Answers with when to look again. The loop's thread only.
    func expire(_ now: UInt64) -> UInt64 {
        var late: [Task<Void, Never>] = []
        let (next, until) = state.withLock { state -> (UInt64, UInt64) in
            var next = UInt64.max
            for (number, hand) in state.calls where hand.deadline < .max {
                guard hand.deadline <= now else {
                    next = min(next, hand.deadline)
                    continue
                }
                if let task = hand.task { late.append(task) }
                state.calls[number]?.deadline = .max
            }
            return (next, patientUntil(state))
        }
        for task in late { task.cancel() }
        guard until > now else {
            listener.count(isShaking ? \.handshakes : \.silent)
            drop()
            return .max
        }
        return min(next, until)
    }

    private func patientUntil(_ state: borrowing State) -> UInt64 {
        if isShaking { return since &+ listener.limits.handshake.nanoseconds }
        var until = state.leaveBy
        if !isVouched, let strangers = listener.limits.strangers {
            until = min(until, since &+ strangers.patience.nanoseconds)
        }
        guard inbox.isUnfinished, !state.isPaused, state.leaveBy == .max else { return until }
        return min(until, max(inbox.heardAt, state.readsSince) &+ listener.patience)
    }

    /// Ends the connection; nobody waits for the calls in hand any more.
    func drop() {
        handler = { _, _ in [] }  // it may hold this connection
        let hands = state.withLock { state -> [Hand] in
            guard state.isLive else { return [] }
            state.isLive = false
            state.out.removeAll()
            _ = hold(&state)
            stream.session?.shutdown()
            listener.forget(self)
            listener.loop.remove(stream.descriptor)
            defer { state.calls = [:] }
            return Array(state.calls.values)
        }
        for hand in hands { hand.task?.cancel() }
    }

    /// From any thread.
    func end() { listener.loop.performLater { self.drop() } }

    // MARK: Strangers

    /// From now on the peer is treated as one of ours. From any thread.
    func vouch() {
        listener.loop.perform {
            guard !self.isVouched else { return }
            self.isVouched = true
            self.ceiling.bytes = self.listener.limits.message
            self.listener.vouched(self)
        }
    }

    /// Hears nothing more, and ends when the answers at hand have been sent. From any thread.
    func finish() {
        let leaveBy = monotonic() &+ Self.farewell
        state.withLock { state in
            guard state.leaveBy == .max else { return }
            state.leaveBy = leaveBy
            watch(state)
            showOut(&state)
        }
        listener.loop.perform { self.listener.look(by: leaveBy) }
    }

    /// What was read last must have been said before the connection is closed: tcp forgets it
    /// otherwise, if something unread has arrived meanwhile (RFC 1122, 4.2.2.13).
    func showOut(_ state: inout State) {
        guard state.leaveBy < .max, state.isLive, !state.isShut, state.calls.isEmpty,
            state.out.count == 0
        else { return }
        state.isShut = true
        stream.session?.shutdown()
        shutdown(stream.descriptor, Int32(SHUT_WR))
    }

    /// Under the lock: another thread's view must not overtake this one.
    func watch(_ state: borrowing State) {
        guard state.isLive else { return }
        var interest: Readiness = state.isPaused || state.leaveBy < .max ? [] : .read
        if state.isBlocked { interest.insert(.write) }
        listener.loop.watch(stream.descriptor, for: interest)
    }
}
