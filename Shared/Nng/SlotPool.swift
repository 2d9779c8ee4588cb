import CNng
import EventLoop
import Synchronization

/// A context of a REP socket: the place of one call, from waiting for it to sending its reply.
///
/// Unchecked: `phase` and `link` belong to the pool's lock.
final class Slot: Operation, @unchecked Sendable {
    enum Phase { case idle, receiving, inHand, sending }

    let context: nng_ctx
    var phase = Phase.idle
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
}

/// The slots of one answerer: how many wait for requests, and that they are not too many.
///
/// Unchecked: `state` is a mutex.
final class SlotPool: @unchecked Sendable {
    private struct State {
        var idle: [Slot] = []
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
        state.withLock { state in
            state.owner = owner
            fill(&state)
        }
    }

    var isQuiet: Bool { state.withLock { $0.inHand == 0 } }

    /// Waits for no further request.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            for slot in state.all where slot.phase == .receiving { nng_aio_cancel(slot.handle) }
        }
    }

    /// After the socket is closed: no operation is begun any more.
    func close() {
        state.withLock { state in
            (state.idle, state.all) = ([], [])
        }
    }

    /// A slot whose call gets no reply.
    func release(_ slot: Slot) {
        state.withLock { state in
            state.inHand -= 1
            rest(slot, &state)
        }
    }

    func send(_ message: OpaquePointer, of bytes: Int, on slot: Slot, to link: NngLink) {
        state.withLock { state in
            (slot.phase, slot.link, slot.bytes) = (.sending, link, bytes)
            state.inHand -= 1
            fill(&state)
        }
        let operation = slot.begin()
        nng_aio_set_msg(operation, message)
        nng_ctx_send(slot.context, operation)
    }

    /// A request is there, or none comes any more, or a reply is on its way. On libnng's threads.
    func ended(_ slot: Slot) {
        let isDone = nng_aio_result(slot.handle) == 0
        let (owner, sent) = state.withLock { state -> (NngAnswerer?, (NngLink, Int)?) in
            if slot.phase == .sending {
                defer { rest(slot, &state) }
                return (nil, slot.link.map { ($0, slot.bytes) })
            }
            state.receiving -= 1
            guard isDone else {
                rest(slot, &state)
                return (nil, nil)
            }
            slot.phase = .inHand
            state.inHand += 1
            fill(&state)
            return (state.owner, nil)
        }
        if let (link, bytes) = sent {
            if !isDone { nng_msg_free(nng_aio_get_msg(slot.handle)) }
            link.left(bytes)
        } else if isDone, let message = nng_aio_get_msg(slot.handle) {
            guard let owner else { return nng_msg_free(message) }
            owner.tell(.asked(slot, message, at: monotonic()))
        }
    }

    private func rest(_ slot: Slot, _ state: inout State) {
        (slot.phase, slot.link) = (.idle, nil)
        guard !state.isStopped else { return }
        state.idle.append(slot)
        fill(&state)
    }

    /// Keeps some slots waiting for requests. Under the lock: nothing is begun after a stop.
    private func fill(_ state: inout State) {
        if state.inHand >= most { state.isPaused = true }
        if state.isPaused, state.inHand <= most / 2 { state.isPaused = false }
        while !state.isStopped, !state.isPaused, state.receiving < Self.ready {
            guard let slot = state.idle.popLast() ?? make(&state) else { return }
            slot.phase = .receiving
            state.receiving += 1
            nng_ctx_recv(slot.context, slot.begin())
        }
    }

    private func make(_ state: inout State) -> Slot? {
        guard state.all.count < most * 3 + Self.ready, let slot = try? Slot(raw, self) else {
            return nil  // those that are there will come back
        }
        state.all.append(slot)
        return slot
    }
}
