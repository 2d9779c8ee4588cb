import EventLoop

/// One WebSocket, from the upgrade to its end. From any task; one that receives and any that send.
///
/// When the handler returns, what is still open is closed with 1000.
public final class WebSocketSession: Sendable {
    /// The subprotocol that was agreed on; nil for none.
    public let subprotocol: String?
    private let exchange: Exchange
    private let link: WebSocketLink

    init(_ exchange: Exchange, _ link: WebSocketLink, subprotocol: String?) {
        (self.exchange, self.link, self.subprotocol) = (exchange, link, subprotocol)
    }

    /// The next message, nil when there will be none: `end` tells why. One receiver at a time.
    /// Pings are answered underneath.
    public func receive() async throws(HTTPError) -> WebSocketMessage? {
        if exchange.loop.isCurrent, let ready = link.take() { return try ready.get() }
        let waiter = Waiter<WebSocketMessage?>()
        exchange.perform(for: waiter) { [link] in link.want(waiter) }
        return try await waiter.value()
    }

    /// Sends a message. Suspends while more than `HTTPLimits.writeHighWater` waits for the peer;
    /// throws `.closed` when the end has begun.
    public func send(_ message: WebSocketMessage) async throws(HTTPError) {
        let link = link
        try await exchange.onLoop { _ throws(HTTPError) in try link.send(message) }
    }

    /// Begins the farewell and returns at once; `receive` then gives what the peer had sent before
    /// its answer, and nil. Only the first farewell is said.
    public func close(_ code: WebSocketCloseCode = .normal, reason: String = "") {
        precondition(code.isAllowed, "\(code.rawValue) is no code to be sent")
        exchange.loop.perform { [link] in link.close(code, reason) }
    }

    /// How it ended; nil while it has not.
    public var end: WebSocketEnd? { link.end }
}
