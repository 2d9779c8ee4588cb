import EventLoop
import Synchronization

/// The calls of one peer, and what is published to it.
extension SPLink {
    /// Sends what was published, unless this subscriber has too much to read already.
    func push(_ message: [UInt8]) {
        let isLive = state.withLock { state -> Bool in
            guard state.isLive, state.out.count + message.count <= listener.limits.room
            else { return false }
            state.out.append(header: [], body: message, prefix: listener.address.prefix)
            return true
        }
        if isLive { listener.loop.changed(self) }
    }

    func request(_ message: Incoming) -> ReceiveBuffer.Verdict {
        guard listener.role == .answers else { return .refused }
        let arrived = message.heardAt
        let header = [UInt8](message.header)
        let body = message.body
        if body.isEmpty && (isGoodbye(header) || withdraw(header)) { return .taken }
        let number = state.withLock { state -> Int? in
            // Who is being shown out is not answered again.
            guard state.isLive, state.leaveBy == .max else { return nil }
            state.nextCall += 1
            state.calls[state.nextCall] = Hand(header: header)
            pace(&state)
            return state.nextCall
        }
        guard let number else { return .pause }
        // The listener owns this task: it is answered at the drain, or cancelled with the link.
        let task = Task.immediate(executorPreference: listener.loop) { [handler] in
            self.reply(number, await handler(body, SPCall(self, number, arrived)))
        }
        let (isOrphan, isPaused) = state.withLock { state in
            state.calls[number]?.task = task
            return (!state.isLive, state.isPaused)
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
        let waits = state.withLock { state -> Int? in
            guard let hand = state.calls.removeValue(forKey: call), state.isLive else {
                return nil
            }
            if !hand.isWithdrawn {
                state.out.append(
                    header: hand.header, body: body, prefix: listener.address.prefix)
            }
            pace(&state)
            showOut(&state)
            return state.out.count
        }
        guard let waits else { return }
        listener.loop.changed(self, isMuch: waits >= SendBuffer.much)
    }

    /// Stops reading from a peer that has too much in hand, or does not read its replies.
    func pace(_ state: inout State) {
        let limits = listener.limits
        guard listener.role == .answers else { return }
        let isShort = hold(&state) > limits.roomForAll && state.out.count > limits.room / 64
        let isFull = state.calls.count > limits.calls || state.out.count > limits.room || isShort
        let isEasy =
            state.calls.count <= limits.calls / 2 && state.out.count <= limits.room / 2 && !isShort
        guard state.isLive, state.isPaused ? isEasy : isFull else { return }
        state.isPaused.toggle()
        watch(state)
        guard !state.isPaused else { return }
        state.readsSince = monotonic()
        listener.loop.performLater { self.resume() }
    }
}

extension SPLink {
    /// Tells the listener what waits here. Answers with what waits for all of its peers.
    func hold(_ state: inout State) -> Int {
        let bytes = state.out.count < Self.small ? 0 : state.out.count
        guard bytes != state.held else { return listener.waiting }
        state.mostHeld = max(state.mostHeld, bytes)
        if bytes == 0 {
            if state.mostHeld >= Self.large { Memory.giveBack(on: listener.loop) }
            state.mostHeld = 0
        }
        defer { state.held = bytes }
        return listener.held.wrappingAdd(bytes - state.held, ordering: .relaxed).newValue
    }

    /// Bytes that are not worth counting.
    private static let small = 1 << 16
    /// Bytes whose memory is worth giving back once they are gone.
    private static let large = 8 << 20
}

/// One peer's connection, as who answers it knows it. From any thread.
public struct SPConnection: Sendable {
    private let link: SPLink

    init(_ link: SPLink) { self.link = link }

    /// Ends the connection, and with it the calls in hand.
    public func drop() { link.end() }

    /// Reads no further, sends the answers to what was read, and ends the connection.
    public func finish() { link.finish() }

    /// Who is on the other side has been proven: the limits on strangers hold no longer.
    public func vouch() { link.vouch() }
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
