import EventLoop
import Glibc

/// One peer: its bytes in both directions, and one request at a time between them.
///
/// Unchecked: touched by the loop's thread only.
final class Connection: Pollable, @unchecked Sendable {
    enum Phase {
        /// Between requests, or within a head.
        case head
        /// A handler has the request.
        case handling
        /// A WebSocket has the connection.
        case upgraded
        /// Answered; the rest of the body is thrown away.
        case skipping
        /// Answered for the last time: sending, then waiting for the peer to close. Closing with
        /// bytes unread would reset the connection, and the peer might never see the answer.
        case lingering
        case closed
    }

    let stream: PeerStream
    let remote: String
    let listener: Listener
    /// Whether it counts against `maxConnections`.
    let counted: Bool

    var phase = Phase.head
    var input = InputBuffer()
    var output = OutputBuffer()
    var exchange: Exchange?
    var webSocket: WebSocketLink?
    var skipped: BodyDecoder?
    var skipBudget = 0
    private var parser: RequestParser
    private var headBegun = false
    private var halfClosed = false
    private var interest: Readiness = [.read, .peerClosed]
    private(set) var phaseDeadline = UInt64.max
    private var bodyDeadline = UInt64.max
    private var stallDeadline = UInt64.max
    private var answerDeadline = UInt64.max
    private var sendPace: BodyPace
    /// TLS has something to say before it can go on reading.
    private var readsByWriting = false
    private var isAdvancing = false
    private var mustAdvance = false

    init(_ stream: PeerStream, remote: String, of listener: Listener, counted: Bool) {
        self.stream = stream
        self.remote = remote
        self.listener = listener
        self.counted = counted
        parser = RequestParser(limits: listener.limits)
        sendPace = listener.limits.sendPace
    }

    var descriptor: Int32 { stream.descriptor }
    var limits: HTTPLimits { listener.limits }

    func open() { setPhase(.head, within: limits.headTimeout) }

    func setPhase(_ phase: Phase, within limit: Duration? = nil) {
        self.phase = phase
        phaseDeadline = limit.map { monotonic() &+ $0.nanoseconds } ?? .max
        listener.note(phaseDeadline)
    }

    func setBodyDeadline(_ deadline: UInt64) {
        bodyDeadline = deadline
        listener.note(deadline)
    }

    /// The answer has to begin by then; nil for never, as it has begun.
    func setAnswerDeadline(_ limit: Duration?) {
        answerDeadline = limit.map { monotonic() &+ $0.nanoseconds } ?? .max
        listener.note(answerDeadline)
    }

    // MARK: Input

    func ready(_ readiness: Readiness) {
        let ends: Readiness = [.peerClosed, .hangup, .error]
        if !readiness.isDisjoint(with: ends), !readsToTheEnd, Socket.peerIsGone(descriptor) {
            return close()
        }
        if readiness.contains(.write) {
            flushOutput()
            // Too much waiting output had kept the next request from being read.
            if phase == .head || phase == .upgraded { advance() }
            if readsByWriting { receive() }
        }
        if !readiness.isDisjoint(with: [.read, .peerClosed, .hangup, .error]), phase != .closed {
            receive()
        }
    }

    /// Whether the peer's last words, which stand before its end, are waited for.
    private var readsToTheEnd: Bool {
        phase == .lingering || (phase == .upgraded && room > 0)
    }

    /// For what TLS has read already, which no readiness tells of.
    func flush() {
        if phase != .closed, stream.hasPending { receive() }
    }

    private var room: Int {
        switch phase {
        case .head: output.count < limits.writeHighWater ? .max : 0
        case .handling:
            exchange?.reader != nil ? .max : max(limits.maxReadAhead - input.count, 0)
        case .upgraded: webSocket?.hasRoom == true ? .max : 0
        case .skipping, .lingering: .max
        case .closed: 0
        }
    }

    private func receive() {
        let room = self.room
        guard room > 0 else { return }
        readsByWriting = false
        let (count, bytes) = listener.receive(stream, room: room)
        if count > 0 {
            if phase == .lingering { return updateInterest() }
            input.append(bytes)
            return advance()
        }
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        guard count < 0, errno == EINPROGRESS else { return close() }
        readsByWriting = true
        updateInterest()
    }

    /// Does with the input what can be done now. An answer given within leads here again: then the
    /// outer call goes on, and a thousand requests in a row do not pile up on the stack.
    func advance() {
        mustAdvance = true
        guard !isAdvancing else { return }
        isAdvancing = true
        while mustAdvance {
            mustAdvance = false
            advanceOnce()
        }
        isAdvancing = false
        updateInterest()
    }

    private func advanceOnce() {
        var moves = true
        while moves {
            switch phase {
            case .head: moves = readHead()
            case .skipping: moves = skip()
            case .handling:
                exchange?.bodyArrived()
                moves = false
            case .upgraded:
                webSocket?.advance()
                moves = false
            case .lingering, .closed: moves = false
            }
        }
    }

    private func readHead() -> Bool {
        guard !input.isEmpty, output.count < limits.writeHighWater else { return false }
        var isHead = false
        do throws(Refusal) {
            let parsed = try input.take { bytes throws(Refusal) in
                let (used, request) = try parser.feed(bytes)
                return (used, request)
            }
            guard let parsed else {
                if !headBegun { setPhase(.head, within: limits.headTimeout) }
                headBegun = true
                return false
            }
            isHead = parsed.method == "HEAD"
            headBegun = false
            try begin(parsed)
            return true
        } catch {
            refuse(error, isHead: isHead)
            return false
        }
    }

    func updateInterest() {
        guard phase != .closed else { return }
        var wanted: Readiness = phase == .lingering ? [] : .peerClosed
        if room > 0 {
            wanted.insert(.read)
            if stream.hasPending { listener.loop.changed(self) }
        }
        if !output.isEmpty || readsByWriting { wanted.insert(.write) }
        guard wanted != interest else { return }
        interest = wanted
        listener.loop.watch(descriptor, for: wanted)
    }

    // MARK: Output

    /// Sends what the kernel takes. The connection may be closed afterwards.
    func flushOutput() {
        guard phase != .closed else { return }
        var moved = 0
        while !output.isEmpty {
            let more = output.hasMore
            let sent = output.withFront { stream.send($0, more: more) }
            if sent < 0 && errno == EINTR { continue }
            if sent < 0 && errno == EAGAIN { break }
            guard sent >= 0 else { return close() }
            output.consume(sent)
            moved += sent
        }
        paceOutput(moved)
        if output.count <= limits.writeHighWater / 2 { exchange?.outputDrained() }
        if phase == .lingering && output.isEmpty { halfClose() }
        updateInterest()
    }

    /// Holds the peer to a minimum rate while something waits for it.
    private func paceOutput(_ sent: Int) {
        if output.isEmpty {
            guard stallDeadline != .max else { return }
            sendPace = limits.sendPace
            stallDeadline = .max
        } else if sent > 0 || stallDeadline == .max {
            let now = monotonic()
            sendPace.end(at: now)
            sendPace.received(sent)
            stallDeadline = sendPace.begin(at: now)
            listener.note(stallDeadline)
        }
    }

    private func halfClose() {
        guard !halfClosed else { return }
        halfClosed = true
        stream.endSending()
        setPhase(.lingering, within: limits.lingerTimeout)
    }

    // MARK: The end

    /// Sends what is waiting, then closes without a reset.
    func closeGently() {
        setPhase(.lingering)
        input.clear()
        flushOutput()
    }

    /// Closes now; a handler that has not answered yet is cancelled.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        input.clear()
        output.clear()
        listener.loop.remove(descriptor)
        let exchange = self.exchange
        self.exchange = nil
        let isRead = webSocket?.isOver == true
        webSocket?.connectionClosed()
        webSocket = nil
        exchange?.abandon(isRead: isRead)
        listener.forget(self)
    }

    /// Nothing is ever sent again: who waits for that is told.
    func loopEnded() { close() }

    /// Closes so that the peer cannot take what it has for a whole answer.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, size)
        close()
    }

    /// Closes when nothing is in hand, also nothing that has just come.
    func drain() {
        webSocket?.close(.goingAway, "the server stops; connect again")
        guard phase == .head, !parser.hasBegun else { return }
        receive()
        guard phase == .head, !parser.hasBegun else { return }
        if output.isEmpty { close() } else { closeGently() }
    }

    func expire(_ now: UInt64) -> UInt64 {
        if stallDeadline <= now { close() }
        if bodyDeadline <= now {
            bodyDeadline = .max
            exchange?.bodyTimedOut()
        }
        if answerDeadline <= now {
            answerDeadline = .max
            answerTimedOut()
        }
        if phaseDeadline <= now { phaseTimedOut() }
        guard phase != .closed else { return .max }
        return min(phaseDeadline, bodyDeadline, stallDeadline, answerDeadline)
    }

    private func phaseTimedOut() {
        phaseDeadline = .max
        switch phase {
        case .head where parser.hasBegun: refuse(.headTimeout)
        case .skipping: closeGently()
        case .head, .lingering: close()
        case .upgraded: webSocket?.timeIsUp()
        case .handling, .closed: break
        }
    }
}
