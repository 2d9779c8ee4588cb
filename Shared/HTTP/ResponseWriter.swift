import EventLoop

/// Answers one request: `send` for a whole body, or `start`, `write`, `finish` for one that is made
/// on the way. From any task; calls are carried out in the order in which they are awaited.
public final class ResponseWriter: Sendable {
    private let exchange: Exchange

    init(_ exchange: Exchange) { self.exchange = exchange }

    /// The whole answer, with its `Content-Length`.
    ///
    /// `Date`, `Connection` and the framing are written by the core; of these the headers may hold
    /// `Date`, `Connection: close`, and for HEAD and 304 the `Content-Length` a GET would have.
    public nonisolated(nonsending) func send(
        status: Int, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws(HTTPError) {
        try await exchange.onLoop { exchange throws(HTTPError) in
            try exchange.respond(status: status, headers: headers, body: body)
        }
    }

    /// Begins an answer. With a `Content-Length` among the headers exactly that much has to be
    /// written; without one the body is chunked, or ended by closing for HTTP/1.0.
    public nonisolated(nonsending) func start(
        status: Int, headers: [(String, String)] = []
    ) async throws(HTTPError) {
        try await exchange.onLoop { exchange throws(HTTPError) in
            try exchange.start(status: status, headers: headers)
        }
    }

    /// A part of the body, sent at once. Suspends while more than `HTTPLimits.writeHighWater` waits
    /// for the peer; throws `.closed` when the peer has gone.
    public nonisolated(nonsending) func write(_ bytes: [UInt8]) async throws(HTTPError) {
        try await exchange.onLoop { exchange throws(HTTPError) in try exchange.write(bytes) }
    }

    /// Ends the body. An answer that is not finished is cut off when the handler returns.
    public nonisolated(nonsending) func finish() async throws(HTTPError) {
        try await exchange.onLoop { exchange throws(HTTPError) in try exchange.finish() }
    }

    /// Makes a WebSocket of the connection, as a client has asked for in `handshake`; the answer is
    /// sent. `headers` stand in it besides.
    public nonisolated(nonsending) func upgrade(
        _ handshake: WebSocketHandshake, headers: [(String, String)] = [],
        options: WebSocketOptions = WebSocketOptions()
    ) async throws(HTTPError) -> WebSocketSession {
        let subprotocol = options.protocols.first(where: handshake.protocols.contains)
        let waiter = Waiter<WebSocketLink>()
        exchange.perform(for: waiter) { [exchange] in
            do throws(HTTPError) {
                waiter.resolve(
                    .success(
                        try exchange.upgrade(
                            handshake, subprotocol: subprotocol, headers: headers, options)))
            } catch {
                waiter.resolve(.failure(error))
            }
        }
        let link = try await exchange.value(of: waiter)
        return WebSocketSession(exchange, link, subprotocol: subprotocol)
    }

    /// Lets a begun answer go on after its handler has returned, with no task of its own: what is
    /// small is given by `push`, what has to wait is done by `resume`. Many streams that are idle
    /// most of the time cost little so. It ends with `finish`; without that it is open until the
    /// peer goes, which `onClose` tells.
    public func detach() async throws(HTTPError) {
        try await exchange.onLoop { exchange throws(HTTPError) in try exchange.detach() }
    }

    /// Runs `body` on the loop's thread: at once when called there.
    public func onLoop(_ body: @escaping @Sendable () -> Void) { exchange.loop.perform(body) }

    /// Writes without waiting, on the loop's thread. False, and nothing is written, when more than
    /// `HTTPLimits.writeHighWater` waits for the peer, or the peer has gone.
    public func push(_ bytes: [UInt8]) -> Bool { exchange.push(bytes) }

    /// Starts a task for a detached answer, one at a time; it is cancelled as a handler's would be.
    public func resume(
        _ body: nonisolated(nonsending) @escaping @Sendable () async -> Void
    ) {
        exchange.loop.perform { [exchange] in exchange.resume(body) }
    }

    /// Cuts a begun answer off, so that the peer does not take it for whole.
    public func abort() { exchange.loop.perform { [exchange] in exchange.connection?.abort() } }

    /// Cancels the task of the handler, which can still end its answer: for servers that stop.
    public func cancelHandler() {
        exchange.loop.perform { [exchange] in exchange.task?.cancel() }
    }

    /// True when nothing can be written any more: the peer has gone, or the handler has returned.
    public var isClosed: Bool { exchange.isClosed }

    /// Calls `callback` when the peer goes before the handler has returned, on the loop's thread,
    /// so it has to be quick. A peer that closes its sending side counts as gone. The task of the
    /// handler is cancelled as well, unless it has answered in full.
    public func onClose(_ callback: @escaping @Sendable () -> Void) { exchange.onClose(callback) }
}
