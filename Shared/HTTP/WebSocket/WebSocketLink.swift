import EventLoop
import Synchronization

/// The loop's half of a WebSocket: frames in, frames out, and the farewell between them.
///
/// Unchecked: `ending` is a mutex; everything below the mark is touched by the loop's thread only.
final class WebSocketLink: @unchecked Sendable {
    /// Messages up to this size travel in one piece with their head.
    private static let joined = 16 * 1024
    /// What a message without bytes counts, so that a great many of them are too many as well.
    private static let least = 64

    private let ending = Mutex<WebSocketEnd?>(nil)

    // The loop's thread only, from here on.
    private let options: WebSocketOptions
    private var connection: Connection?
    private var decoder: WebSocketDecoder
    private var waiting: [WebSocketMessage] = []
    private var waitingBytes = 0
    private var reader: Waiter<WebSocketMessage?>?
    private var saidFarewell = false
    /// Nothing more will be received.
    private(set) var isOver = false
    private var heard = false
    private var isAsked = false

    init(_ connection: Connection, _ options: WebSocketOptions) {
        (self.connection, self.options) = (connection, options)
        decoder = WebSocketDecoder(limit: options.maxMessage)
    }

    /// How it ended. From any thread.
    var end: WebSocketEnd? { ending.withLock { $0 } }

    func open() { connection?.setPhase(.upgraded, within: options.pingInterval) }

    // MARK: In

    /// Whether more may be read.
    var hasRoom: Bool {
        guard let connection else { return false }
        // Behind what nobody takes the answer to our farewell may stand.
        return (saidFarewell || waitingBytes < options.maxWaiting)
            && connection.output.count < connection.limits.writeHighWater
    }

    /// Does with the input what can be done now. Whoever has got a message answers before the next
    /// frame is looked at, which may be a broken one; and a peer of many small messages does not
    /// keep the loop from others.
    func advance() {
        heard = true
        while let connection, connection.phase == .upgraded, hasRoom, !connection.input.isEmpty {
            do throws(WebSocketFlaw) {
                let event = try connection.input.take { bytes throws(WebSocketFlaw) in
                    let (used, event) = try decoder.feed(bytes)
                    return (used, event)
                }
                guard let event else { return }
                if take(event) { return connection.resumeReading() }
            } catch {
                fail(error)
            }
        }
    }

    /// True when somebody had waited for this.
    private func take(_ event: WebSocketDecoder.Event) -> Bool {
        switch event {
        case .message(let message): return !saidFarewell && deliver(message)
        case .ping(let bytes):
            if !saidFarewell { put(WebSocketFrame.whole(.pong, bytes)) }
        case .pong: break
        case .close(let code, let reason):
            let answer = code == .none ? nil : code
            if !saidFarewell { put(WebSocketFrame.close(answer)) }
            saidFarewell = true
            finish(WebSocketEnd(code: code, reason: reason, isClean: true))
            connection?.closeGently()
        }
        return false
    }

    private func deliver(_ message: WebSocketMessage) -> Bool {
        if let waiter = reader {
            reader = nil
            if waiter.resolve(.success(message)) { return true }
        }
        waiting.append(message)
        waitingBytes += Self.size(message)
        return false
    }

    private static func size(_ message: WebSocketMessage) -> Int {
        switch message {
        case .text(let text): text.utf8.count + least
        case .binary(let bytes): bytes.count + least
        }
    }

    /// What can be had without waiting; nil when nothing can.
    func take() -> Result<WebSocketMessage?, HTTPError>? {
        guard !waiting.isEmpty else { return isOver ? .success(nil) : nil }
        let message = waiting.removeFirst()
        let wasFull = !hasRoom
        waitingBytes -= Self.size(message)
        if wasFull { connection?.resumeReading() }
        return .success(message)
    }

    func want(_ waiter: Waiter<WebSocketMessage?>) {
        if let reader, !reader.isResolved {
            waiter.resolve(.failure(.misuse("two receivers of one WebSocket")))
            return
        }
        guard !waiting.isEmpty || isOver else {
            reader = waiter
            return
        }
        // Who was cancelled meanwhile must not take a message along.
        guard !waiter.isResolved, let ready = take() else { return }
        if !waiter.resolve(ready), case .success(let message?) = ready {
            waiting.insert(message, at: 0)
            waitingBytes += Self.size(message)
        }
    }

    // MARK: Out

    /// Whether the sender has to wait until some of the output has been sent.
    func send(_ message: WebSocketMessage) throws(HTTPError) -> Bool {
        guard let connection, !saidFarewell else { throw .closed }
        switch message {
        case .text(let text): append(.text, Array(text.utf8), to: connection)
        case .binary(let bytes): append(.binary, bytes, to: connection)
        }
        connection.flushOutput()
        guard self.connection != nil else { throw .closed }
        return connection.output.count > connection.limits.writeHighWater
    }

    private func append(
        _ opcode: WebSocketOpcode, _ bytes: [UInt8], to connection: Connection
    ) {
        guard bytes.count > Self.joined else {
            return connection.output.append(WebSocketFrame.whole(opcode, bytes))
        }
        connection.output.append(WebSocketFrame.head(opcode, length: bytes.count))
        connection.output.append(bytes)
    }

    private func put(_ frame: [UInt8]) {
        connection?.output.append(frame)
        connection?.flushOutput()
    }

    // MARK: The end

    func close(_ code: WebSocketCloseCode, _ reason: String) {
        guard connection != nil, !saidFarewell else { return }
        saidFarewell = true
        ending.withLock { $0 = WebSocketEnd(code: code, reason: reason, isClean: false) }
        connection?.setPhase(.upgraded, within: options.closeTimeout)
        put(WebSocketFrame.close(code, reason))
        connection?.resumeReading()
    }

    private func fail(_ flaw: WebSocketFlaw) {
        if !saidFarewell { put(WebSocketFrame.close(flaw.code, flaw.reason)) }
        saidFarewell = true
        finish(WebSocketEnd(code: flaw.code, reason: flaw.reason, isClean: false))
        connection?.closeGently()
    }

    /// The connection is gone.
    func connectionClosed() {
        finish(WebSocketEnd(code: .lost, reason: "", isClean: false))
        connection = nil
    }

    private func finish(_ end: WebSocketEnd) {
        guard !isOver else { return }
        isOver = true
        ending.withLock { known in
            // Our own farewell counts, and is a clean one when it was answered.
            let first = known ?? end
            known = WebSocketEnd(code: first.code, reason: first.reason, isClean: end.isClean)
        }
        let waiter = reader
        reader = nil
        waiter?.resolve(.success(nil))
    }

    /// The peer has been silent for as long as it may.
    func timeIsUp() {
        guard let connection else { return }
        if saidFarewell {
            finish(WebSocketEnd(code: .lost, reason: "", isClean: false))
            connection.closeGently()
        } else if heard {
            (heard, isAsked) = (false, false)
            connection.setPhase(.upgraded, within: options.pingInterval)
        } else if !isAsked {
            isAsked = true
            connection.setPhase(.upgraded, within: options.pongTimeout)
            put(WebSocketFrame.whole(.ping, []))
        } else {
            connection.close()
        }
    }
}
