import CNng
import EventLoop
import Synchronization

/// One peer's connection to an answerer.
///
/// Unchecked: the loop's thread only, but for the atomics.
final class NngLink: @unchecked Sendable {
    /// A call in hand. Unchecked: the loop's thread only.
    final class Hand: @unchecked Sendable {
        let link: NngLink
        let slot: Slot
        /// The request's message, where its answer may use it.
        var message: OpaquePointer?
        var task: Task<Void, Never>?
        var deadline = UInt64.max
        var isWithdrawn = false

        init(_ link: NngLink, _ slot: Slot) { (self.link, self.slot) = (link, slot) }
    }

    /// How long a peer that has to go may read why.
    private static let courtesy: UInt64 = 250_000_000

    private let pipe: UInt32
    private let answerer: NngAnswerer
    private var handler: NngAnswerer.Handler = { _, _ in [] }
    /// By the caller's number; a call without one, or with that of another in hand, by one of ours.
    private var hands: [UInt64: Hand] = [:]
    private var nextKey: UInt64 = 1 << 32
    private var isEnded = false
    /// When a connection that is to end after its answers ends.
    private var leaveBy = UInt64.max
    /// Replies given to libnng on this connection.
    private var given: UInt64 = 0
    /// Of these, the ones that wait for those before them, and their bytes.
    private let waiting = Atomic(0)
    private let waitingBytes = Atomic(0)

    init(_ pipe: UInt32, _ answerer: NngAnswerer, _ accept: NngAnswerer.Accept) {
        (self.pipe, self.answerer) = (pipe, answerer)
        handler = accept(NngConnection(self))
    }

    /// Answers a request, on its slot.
    func request(_ message: OpaquePointer, _ slot: Slot, _ arrived: UInt64) {
        // Who is being shown out is not answered again.
        guard leaveBy == .max else {
            nng_msg_free(message)
            return answerer.slots.release(slot)
        }
        let body = Message.bytes(message)
        let number = Message.requestNumber(message)
        if body.isEmpty, let number, withdraw(number) {
            nng_msg_free(message)
            return answerer.slots.release(slot)
        }
        let hand = Hand(self, slot)
        hand.message = Message.spare(message)
        let key = add(hand, number)
        // The answerer owns this task: it is answered at the drain, or cancelled with the link.
        let task = Task.immediate(executorPreference: answerer.loop) { [handler] in
            let reply = await handler(body, NngCall(hand, arrived))
            self.reply(key, hand, reply)
        }
        if hands[key] === hand { hand.task = task }
    }

    private func add(_ hand: Hand, _ number: UInt32?) -> UInt64 {
        var key = nextKey
        if let number, hands[UInt64(number)] == nil {
            key = UInt64(number)
        } else {
            nextKey += 1
        }
        hands[key] = hand
        return key
    }

    /// An empty request under the number of one in hand takes that one back: nobody waits for its
    /// answer. (A request of the mesh is never empty.)
    private func withdraw(_ number: UInt32) -> Bool {
        guard let hand = hands[UInt64(number)] else { return false }
        hand.isWithdrawn = true
        hand.task?.cancel()
        return true
    }

    private func reply(_ key: UInt64, _ hand: Hand, _ body: [UInt8]) {
        guard answerer.loop.isCurrent else {
            answerer.loop.perform { self.reply(key, hand, body) }
            return
        }
        hands[key] = nil
        guard !isEnded, !hand.isWithdrawn, let message = Message.reply(body, in: hand.message)
        else {
            if isEnded || hand.isWithdrawn { nng_msg_free(hand.message) }
            return answerer.slots.release(hand.slot)
        }
        given += 1
        let count = waiting.add(1, ordering: .relaxed).newValue
        let bytes = waitingBytes.add(body.count, ordering: .relaxed).newValue
        answerer.slots.send(message, of: body.count, on: hand.slot, to: self)
        // Its own reply may be larger than all that may wait.
        let limits = answerer.limits
        if count > limits.calls || bytes - body.count > limits.room { drop() }
    }

    /// libnng has begun to send a reply, or given it up. From its threads.
    func left(_ bytes: Int) {
        waiting.subtract(1, ordering: .relaxed)
        waitingBytes.subtract(bytes, ordering: .relaxed)
    }

    /// `sent`: how many replies have been written to this connection, where that is known.
    func isQuiet(sent: UInt64?) -> Bool { hands.isEmpty && (sent.map { $0 >= given } ?? true) }

    /// From any thread.
    func cancel(_ hand: Hand, at deadline: UInt64) {
        guard answerer.loop.isCurrent else {
            answerer.loop.perform { self.cancel(hand, at: deadline) }
            return
        }
        hand.deadline = deadline
        answerer.look(by: deadline)
    }

    /// Cancels the calls that nobody waits for any more. Answers with when to look again.
    func expire(_ now: UInt64) -> UInt64 {
        guard now < leaveBy else {
            drop()
            return .max
        }
        var next = leaveBy
        for hand in hands.values where hand.deadline < .max {
            guard hand.deadline <= now else {
                next = min(next, hand.deadline)
                continue
            }
            hand.deadline = .max
            hand.task?.cancel()
        }
        return next
    }

    /// The connection is gone; nobody waits for the calls in hand any more.
    func end() {
        isEnded = true
        handler = { _, _ in [] }  // it may hold this connection
        for hand in hands.values { hand.task?.cancel() }
    }

    /// Ends the connection.
    func drop() {
        guard !isEnded else { return }
        var raw = nng_pipe()
        raw.id = pipe
        nng_pipe_close(raw)
        end()
    }

    /// From any thread.
    func dropLater() { answerer.loop.performLater { self.drop() } }

    /// libnng does not tell when an answer has left; it sends at once. From any thread.
    func finish() {
        answerer.loop.perform {
            guard self.leaveBy == .max else { return }
            self.leaveBy = monotonic() &+ Self.courtesy
            self.answerer.look(by: self.leaveBy)
        }
    }
}

/// One peer's connection, as who answers it knows it.
public struct NngConnection: Sendable {
    private let link: NngLink

    init(_ link: NngLink) { self.link = link }

    /// Ends the connection, and with it the calls in hand.
    public func drop() { link.dropLater() }

    /// Answers nothing further, and ends the connection a moment later.
    public func finish() { link.finish() }
}

/// The call that a handler answers, as its connection knows it.
public struct NngCall: Sendable {
    /// When it was received, by the clock of `monotonic`.
    public let arrived: UInt64
    private let hand: NngLink.Hand

    init(_ hand: NngLink.Hand, _ arrived: UInt64) { (self.hand, self.arrived) = (hand, arrived) }

    /// Cancels the handler's task when it is not done by then: nobody waits for it any more.
    public func cancel(after time: Duration) {
        hand.link.cancel(hand, at: monotonic() &+ time.nanoseconds)
    }
}
