public import EventLoop
import Glibc

/// Sends HTTP requests on one event loop, and keeps connections for the next ones.
///
/// HTTP/1.1 with keep-alive, HTTP/2 where a server offers it over TLS. Certificates are always
/// verified, redirects are answers like any other, and there are no cookies. A proxy named in the
/// environment is used as libcurl does, except to reach this machine.
///
/// libcurl carries what is encrypted or goes by a proxy. Plain requests, which model servers on this
/// machine and beside it get, go over connections of our own, which take less of the processor.
public final class HTTPClient: Sendable {
    /// What all requests together may take.
    public struct Limits: Sendable {
        /// Transfers under way at once.
        public var transfers = 256
        /// Requests that may wait for a place among them.
        public var queue = 1024
        /// Connections kept open after their transfer.
        public var idleConnections = 64
        /// Bytes of a stream that are read ahead of its reader, give or take one read of 16 KiB.
        public var readAhead = 64 << 10
        /// File of certificates to trust, in place of the system's.
        public var trust: String?
        /// False to have libcurl carry unencrypted requests as well, which takes it longer.
        public var carriesPlain = true

        public init() {}
    }

    private let loop: EventLoop
    private let engine: Engine

    /// The loop must outlive the client. Has the process ignore SIGPIPE, unless it handles it:
    /// OpenSSL writes to sockets without saying that it does not want the signal.
    public init(on loop: EventLoop, limits: Limits = Limits()) {
        self.loop = loop
        engine = Engine(loop: loop, limits: limits)
        ignoreBrokenPipes
        loop.perform { [engine] in engine.open() }
    }

    deinit { loop.perform { [engine] in engine.close() } }

    /// Ends every transfer with `cancelled` and drops the connections; later requests fail alike.
    public func close() { loop.perform { [engine] in engine.close() } }

    /// Sends a request and reads the whole response.
    public func send(_ request: ClientRequest) async throws(HTTPClientError) -> ClientResponse {
        let transfer = Transfer(request, readAhead: nil)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                transfer.wait(.whole(waiter))
                start(transfer)
            }
        } onCancel: {
            cancel(transfer)
        }
        return try result.get()
    }

    /// Sends a request and returns with the response's head; its body is pulled from the stream.
    public func stream(_ request: ClientRequest) async throws(HTTPClientError) -> ClientStream {
        let transfer = Transfer(request, readAhead: engine.limits.readAhead)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                transfer.wait(.head(waiter))
                start(transfer)
            }
        } onCancel: {
            cancel(transfer)
        }
        return ClientStream(head: try result.get(), transfer: transfer, client: self)
    }

    private func start(_ transfer: Transfer) {
        loop.perform { [engine] in engine.start(transfer) }
    }

    func cancel(_ transfer: Transfer) {
        guard transfer.cancel() else { return }
        loop.perform { [engine] in engine.drop(transfer) }
    }

    func resume(_ transfer: Transfer) {
        loop.perform { [engine] in engine.resume(transfer) }
    }
}

/// Once for the process, and not where somebody listens for the signal.
private let ignoreBrokenPipes: Void = {
    var action = sigaction()
    guard sigaction(SIGPIPE, nil, &action) == 0 else { return }
    if action.__sigaction_handler.sa_handler == nil { signal(SIGPIPE, SIG_IGN) }
}()
