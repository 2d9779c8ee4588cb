import EventLoop
import Glibc
import Synchronization

/// One peer's connection to a listener.
///
/// Unchecked: `state` is a mutex; `inbox` is touched by the loop's thread only.
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
        var descriptor: Int32
        var isBlocked = false
        var isPaused = false
        /// When goodbye was said, and whether the other side has taken note.
        var goodbyeAt: UInt64?
        var isReleased = false
        /// When this side began to read again after a pause.
        var readsSince: UInt64 = 0
        var nextCall = 0
        var calls: [Int: Hand] = [:]
    }

    let state: Mutex<State>
    let listener: SPListener
    private let descriptor: Int32
    private var inbox: ReceiveBuffer
    /// Set once, before the first request.
    private var handler: SPListener.Handler = { _, _ in [] }

    init(_ descriptor: Int32, _ listener: SPListener) {
        var initial = State(descriptor: descriptor)
        let isReplier = listener.role == .answers
        initial.out.append(
            raw: SPFrames.greeting(isReplier ? SPFrames.reply : SPFrames.publish))
        state = Mutex(initial)
        (self.descriptor, self.listener) = (descriptor, listener)
        inbox = ReceiveBuffer(
            prefix: listener.address.prefix,
            expected: isReplier ? SPFrames.request : SPFrames.subscribe,
            limit: listener.limits.message)
        handler = listener.accept(SPConnection(self))
    }

    func flush() {
        let lost = state.withLock { state -> Bool in
            guard state.descriptor >= 0, !state.isBlocked, state.out.count > 0 else { return false }
            guard state.out.write(to: state.descriptor) else { return true }
            state.isBlocked = state.out.count > 0
            if state.isBlocked { watch(state) }
            pace(&state)
            return false
        }
        if lost { listener.loop.perform { self.drop() } }
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.write) {
            state.withLock { state in
                state.isBlocked = false
                watch(state)
            }
            flush()
        }
        let (isLive, isPaused) = state.withLock { ($0.descriptor >= 0, $0.isPaused) }
        guard readiness != .write, isLive else { return }
        // Told without asking while nothing is read: nobody is there to be answered.
        if isPaused { return readiness.isDisjoint(with: [.hangup, .error]) ? () : drop() }
        guard inbox.read(from: descriptor, request) else { return drop() }
        if inbox.isUnfinished { listener.look(by: inbox.heardAt &+ listener.patience) }
    }

    /// Takes up what had arrived already when reading was paused.
    private func resume() {
        let mayRead = state.withLock { $0.descriptor >= 0 && !$0.isPaused }
        if mayRead && !inbox.handOut(request) { drop() }
    }

    func loopEnded() { drop() }

    /// Drops a peer that began to say something and does not go on, and cancels the calls that
    /// nobody waits for any more. Answers with when to look again. The loop's thread only.
    func expire(_ now: UInt64) -> UInt64 {
        var late: [Task<Void, Never>] = []
        let (next, patientUntil) = state.withLock { state -> (UInt64, UInt64) in
            var next = UInt64.max
            for (number, hand) in state.calls where hand.deadline < .max {
                guard hand.deadline <= now else {
                    next = min(next, hand.deadline)
                    continue
                }
                if let task = hand.task { late.append(task) }
                state.calls[number]?.deadline = .max
            }
            guard inbox.isUnfinished, !state.isPaused else { return (next, .max) }
            return (next, max(inbox.heardAt, state.readsSince) &+ listener.patience)
        }
        for task in late { task.cancel() }
        guard patientUntil > now else {
            drop()
            return .max
        }
        return min(next, patientUntil)
    }

    /// Ends the connection; nobody waits for the calls in hand any more.
    func drop() {
        handler = { _, _ in [] }  // it may hold this connection
        let hands = state.withLock { state -> [Hand] in
            guard state.descriptor >= 0 else { return [] }
            state.descriptor = -1
            state.out.removeAll()
            listener.forget(descriptor)
            listener.loop.remove(descriptor)
            defer { state.calls = [:] }
            return Array(state.calls.values)
        }
        for hand in hands { hand.task?.cancel() }
    }

    /// From any thread.
    func end() { listener.loop.performLater { self.drop() } }

    /// Sends what was published, unless this subscriber has too much to read already.
    func push(_ message: [UInt8]) {
        let isLive = state.withLock { state -> Bool in
            guard state.descriptor >= 0, state.out.count + message.count <= listener.limits.room
            else { return false }
            state.out.append(header: [], body: message, prefix: listener.address.prefix)
            return true
        }
        if isLive { listener.loop.changed(self) }
    }

    // MARK: Calls

    private func request(_ message: Incoming) -> ReceiveBuffer.Verdict {
        guard listener.role == .answers else { return .refused }
        let arrived = message.heardAt
        let header = [UInt8](message.header)
        let body = message.body
        if body.isEmpty && (isGoodbye(header) || withdraw(header)) { return .taken }
        let number = state.withLock { state -> Int? in
            guard state.descriptor >= 0 else { return nil }
            state.nextCall += 1
            state.calls[state.nextCall] = Hand(header: header)
            pace(&state)
            return state.nextCall
        }
        guard let number else { return .refused }
        // The listener owns this task: it is answered at the drain, or cancelled with the link.
        let task = Task.immediate(executorPreference: listener.loop) { [handler] in
            self.reply(number, await handler(body, SPCall(self, number, arrived)))
        }
        let (isOrphan, isPaused) = state.withLock { state in
            state.calls[number]?.task = task
            return (state.descriptor < 0, state.isPaused)
        }
        guard !isOrphan else {
            task.cancel()
            return .refused
        }
        return isPaused ? .pause : .taken
    }

    /// From any thread.
    func cancel(_ number: Int, at deadline: UInt64) {
        state.withLock { $0.calls[number]?.deadline = deadline }
        if listener.loop.isCurrent {
            listener.look(by: deadline)
        } else {
            listener.loop.perform { self.listener.look(by: deadline) }
        }
    }

    /// An empty request under the number of one in hand takes that one back: nobody waits for its
    /// answer. (A request of the mesh is never empty.)
    private func withdraw(_ header: [UInt8]) -> Bool {
        let task = state.withLock { state -> Task<Void, Never>?? in
            guard let found = state.calls.first(where: { $0.value.header == header })?.key else {
                return .none
            }
            state.calls[found]?.isWithdrawn = true
            return .some(state.calls[found]?.task)
        }
        guard let task else { return false }
        task?.cancel()
        return true
    }

    private func reply(_ call: Int, _ body: [UInt8]) {
        let isLive = state.withLock { state -> Bool in
            guard let hand = state.calls.removeValue(forKey: call), state.descriptor >= 0 else {
                return false
            }
            if !hand.isWithdrawn {
                state.out.append(
                    header: hand.header, body: body, prefix: listener.address.prefix)
            }
            pace(&state)
            return true
        }
        if isLive { listener.loop.changed(self) }
    }

    /// Stops reading from a peer that has too much in hand, or does not read its replies.
    private func pace(_ state: inout State) {
        let limits = listener.limits
        guard listener.role == .answers else { return }
        let isFull = state.calls.count > limits.calls || state.out.count > limits.room
        let isEasy = state.calls.count <= limits.calls / 2 && state.out.count <= limits.room / 2
        guard state.descriptor >= 0, state.isPaused ? isEasy : isFull else { return }
        state.isPaused.toggle()
        watch(state)
        guard !state.isPaused else { return }
        state.readsSince = monotonic()
        listener.loop.performLater { self.resume() }
    }

    /// Under the lock: another thread's view must not overtake this one.
    private func watch(_ state: borrowing State) {
        guard state.descriptor >= 0 else { return }
        var interest: Readiness = state.isPaused ? [] : .read
        if state.isBlocked { interest.insert(.write) }
        listener.loop.watch(descriptor, for: interest)
    }
}

/// One peer's connection, as who answers it knows it.
public struct SPConnection: Sendable {
    private let link: SPLink

    init(_ link: SPLink) { self.link = link }

    /// Ends the connection, and with it the calls in hand.
    public func drop() { link.end() }
}

/// The call that a handler answers, as its connection knows it.
public struct SPCall: Sendable {
    private let link: SPLink
    private let number: Int
    /// When it was received, by the clock of `monotonic`.
    public let arrived: UInt64

    init(_ link: SPLink, _ number: Int, _ arrived: UInt64) {
        (self.link, self.number, self.arrived) = (link, number, arrived)
    }

    /// Cancels the handler's task when it is not done by then: nobody waits for it any more.
    public func cancel(after time: Duration) {
        link.cancel(number, at: monotonic() &+ time.nanoseconds)
    }
}
