public import EventLoop
import Glibc
public import TLS

/// Serves HTTP/1.1 (RFC 9112) on event loops: one listener per loop, and each connection stays on
/// the loop that took it, as does the task of its handler.
///
/// The loops have to run for as long as the server does. A server that is let go of serves on until
/// it is drained.
public final class HTTPServer: Sendable {
    /// The port it listens on, also when 0 was asked for.
    public let port: Int
    private let core: ServerCore
    private let listeners: [Listener]

    /// Listens at once. `host` is a name or address of this machine, IPv4 or IPv6; empty for all.
    /// With `tls` nothing is spoken in the open.
    ///
    /// The handler answers through the writer. When it returns without an answer the core gives
    /// one: what was wrong with the body, or else 500. An answer begun and not finished is cut off,
    /// so that the peer does not take it for whole.
    ///
    /// `atOnce` is asked first about each request without a body, on the loop's thread: what it has
    /// an answer for costs no task. It has to be quick, and nil leaves the request to the handler.
    public init(
        loops: [EventLoop], host: String, port: Int, limits: HTTPLimits = HTTPLimits(),
        tls: TLSContext? = nil, atOnce: (@Sendable (HTTPRequest) -> ReadyAnswer?)? = nil,
        handler:
            nonisolated(nonsending) @escaping @Sendable (
                HTTPRequest, BodyStream, ResponseWriter
            ) async -> Void
    ) throws(HTTPError) {
        guard !loops.isEmpty else { throw .misuse("a server without a loop") }
        let core = ServerCore(limits: limits, tls: tls, atOnce: atOnce, handler: handler)
        var bound = port
        var descriptors: [Int32] = []
        do throws(HTTPError) {
            for _ in loops {
                let descriptor = try Socket.listen(
                    host: host, port: bound, shared: loops.count > 1, backlog: limits.backlog)
                descriptors.append(descriptor)
                bound = try Socket.port(of: descriptor)
            }
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw error
        }
        self.core = core
        self.port = bound
        listeners = zip(loops, descriptors).map { loop, descriptor in
            Listener(loop: loop, core: core, descriptor: descriptor)
        }
        for listener in listeners { listener.open() }
    }

    /// How many connections are open.
    public var connections: Int { core.connections }

    /// Stops accepting, closes idle connections and lets requests in hand end; what is left at the
    /// deadline is cut off and its handlers cancelled. Returns when nothing is left.
    public func drain(within limit: Duration) async {
        let deadline = monotonic() &+ limit.nanoseconds
        let waiters = listeners.map { listener in
            let waiter = Waiter<Void>()
            if !listener.loop.perform({ listener.drain(until: deadline, waiter) }) {
                waiter.resolve(.success(()))
            }
            return waiter
        }
        // A cancelled caller stops waiting; the loops go on closing.
        for waiter in waiters { _ = try? await waiter.value() }
    }
}
