import CNng
import EventLoop
import Synchronization

/// A context of a REP socket: the place of one call, from waiting for it to sending its reply.
///
/// Unchecked: it belongs to one stage at a time, and goes from one to the next by way of libnng or
/// the pool's lock.
final class Slot: Operation, @unchecked Sendable {
    enum Stage { case idle, receiving, sending }

    let context: nng_ctx
    var stage = Stage.idle
    /// Whose reply is sent, and its size.
    var link: NngLink?
    var bytes = 0
    private let pool: SlotPool

    init(_ socket: nng_socket, _ pool: SlotPool) throws(NngError) {
        var made = nng_ctx()
        try NngError.check(nng_ctx_open(&made, socket), "open a context")
        (context, self.pool) = (made, pool)
        do {
            try super.init()
        } catch {
            nng_ctx_close(made)
            throw error
        }
    }

    override func ended() { pool.ended(self) }

    func receive() {
        stage = .receiving
        nng_ctx_recv(context, begin())
    }

    func send(_ message: OpaquePointer, of bytes: Int, to link: NngLink) {
        (stage, self.link, self.bytes) = (.sending, link, bytes)
        let operation = begin()
        nng_aio_set_msg(operation, message)
        nng_ctx_send(context, operation)
    }
}

/// The slots of one answerer: how many wait for requests, and that they are not too many.
///
/// Unchecked: `state` is a mutex. libnng is not called under it, for its threads meet there.
final class SlotPool: @unchecked Sendable {
    private struct State {
        var idle: [Slot] = []
        /// Every slot, for the end.
        var all: [Slot] = []
        var receiving = 0
        var inHand = 0
        /// Full; until half of it is done, nobody is read.
        var isPaused = false
        var isStopped = false
        weak var owner: NngAnswerer?
    }

    /// Requests that may arrive before the loop looks.
    private static let ready = 32

    private let state = Mutex(State())
    private let raw: nng_socket
    private let most: Int

    /// `most` calls are in hand at once, and twice as many replies wait to be sent.
    init(_ socket: nng_socket, most: Int) { (raw, self.most) = (socket, most) }

    /// Waits for requests, which `owner` is told of.
    func open(_ owner: NngAnswerer) {
        state.withLock { $0.owner = owner }
        fill()
    }

    var isQuiet: Bool { state.withLock { $0.inHand == 0 } }

    /// Waits for no further request. One or two may still come from those that are about to wait.
    func stop() {
        let all = state.withLock { state in
            state.isStopped = true
            return state.all
        }
        for slot in all where slot.stage == .receiving { nng_aio_cancel(slot.handle) }
    }

    /// After the socket is closed: every operation has ended or ends by itself.
    func close() { state.withLock { ($0.idle, $0.all) = ([], []) } }

    /// A slot whose call gets no reply.
    func release(_ slot: Slot) {
        slot.stage = .idle
        fill { state in
            state.inHand -= 1
            state.idle.append(slot)
        }
    }

    func send(_ message: OpaquePointer, of bytes: Int, on slot: Slot, to link: NngLink) {
        slot.send(message, of: bytes, to: link)
        fill { $0.inHand -= 1 }
    }

    /// A request is there, or none comes any more, or a reply is on its way. On libnng's threads.
    func ended(_ slot: Slot) {
        let isDone = nng_aio_result(slot.handle) == 0
        let message = nng_aio_get_msg(slot.handle)
        guard slot.stage == .receiving else {
            if !isDone { nng_msg_free(message) }
            slot.link?.left(slot.bytes)
            (slot.stage, slot.link) = (.idle, nil)
            return fill { $0.idle.append(slot) }
        }
        slot.stage = .idle
        guard isDone, let message else {
            return fill { state in
                state.receiving -= 1
                state.idle.append(slot)
            }
        }
        var owner: NngAnswerer?
        fill { state in
            state.receiving -= 1
            state.inHand += 1
            owner = state.owner
        }
        guard let owner else { return nng_msg_free(message) }
        owner.tell(.asked(slot, message, at: monotonic()))
    }

    /// Takes note, and keeps some slots waiting for requests.
    private func fill(_ note: (inout State) -> Void = { _ in }) {
        var next = state.withLock { state in
            note(&state)
            return take(&state)
        }
        while let slot = next {
            slot.receive()
            next = state.withLock { take(&$0) }
        }
    }

    /// One more slot to wait; nil when enough do.
    private func take(_ state: inout State) -> Slot? {
        if state.inHand >= most { state.isPaused = true }
        if state.isPaused, state.inHand <= most / 2 { state.isPaused = false }
        guard !state.isStopped, !state.isPaused, state.receiving < Self.ready,
            let slot = state.idle.popLast() ?? make(&state)
        else { return nil }
        state.receiving += 1
        return slot
    }

    private func make(_ state: inout State) -> Slot? {
        guard state.all.count < most * 3 + Self.ready, let slot = try? Slot(raw, self) else {
            return nil  // those that are there will come back
        }
        state.all.append(slot)
        return slot
    }
}
