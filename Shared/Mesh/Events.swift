import EventLoop
public import Log
public import MeshContract
import SP

/// Tells whoever listens that something happened. A hint: it may be lost, and the owner's log is
/// read from the last number seen.
public protocol EventPublisher: Sendable {
    /// Never waits and never fails: what cannot be sent is lost.
    func publish(_ event: some MeshEvent)
}

/// One thread for all hints of the process, so that who sends and hears them needs no loop at hand.
enum Hints {
    static let loop = EventLoop("hints")
    /// The largest hint, its topic included.
    static let largest = 1 << 20

    /// Where a publisher listens, and what a private place needs.
    static func address(
        _ url: String, _ identity: MeshIdentity?
    ) throws(Fault) -> (SPAddress, MeshTLS?) {
        guard let address = SPAddress(url) else { throw Fault(.invalid, "\(url) is no address") }
        return (address, try address.needs(identity))
    }

    /// What a message begins with that tells of `topic`.
    static func prefix(_ topic: String) -> [UInt8] { Array(topic.utf8) + [0] }
}

/// Publishes on a socket, in the form of nng's pub/sub.
public final class SocketPublisher: EventPublisher {
    private let listener: SPListener
    private let log: Log

    /// Listens at once; `unavailable` where it cannot. On `tls+tcp` whoever has a certificate of
    /// our authority hears it, on `tcp` everybody.
    public init(
        listening url: String, as identity: MeshIdentity? = nil, log: Log
    ) throws(Fault) {
        let (address, tls) = try Hints.address(url, identity)
        var limits = SPListener.Limits()
        (limits.message, limits.room) = (Hints.largest, 4 << 20)
        do {
            listener = try SPListener(
                publishingAt: address, on: Hints.loop, limits: limits, tls: tls?.server)
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
        self.log = log
    }

    deinit { listener.close() }

    public func publish(_ event: some MeshEvent) {
        do {
            let message = try message(event)
            guard message.count <= Hints.largest else {
                return log.debug("a hint is too large", ["bytes": "\(message.count)"])
            }
            listener.publish(message)
        } catch {
            log.debug("a hint was not published", ["error": "\(error)"])
        }
    }

    private func message<E: MeshEvent>(_ event: E) throws -> [UInt8] {
        try Hints.prefix(E.topic) + Envelope.encode(event)
    }
}

/// Publishes nowhere: for tests and for tools.
public struct SilentPublisher: EventPublisher {
    public init() {}
    public func publish(_ event: some MeshEvent) {}
}

/// Listens for one kind of event of one service.
public final class EventSubscription<Event: MeshEvent>: Sendable {
    private let peers: [SPPeer]
    private let messages: AsyncStream<[UInt8]>
    private let end: AsyncStream<[UInt8]>.Continuation

    /// Connects now or as soon as the service is there, and to each of its replicas. `connected`
    /// hears of each connection that comes or goes: what was said in between is lost.
    public init(
        _: Event.Type = Event.self, in directory: MeshDirectory,
        connected: @escaping @Sendable () -> Void = {}
    ) throws(Fault) {
        let addresses = try directory.eventAddresses(of: Event.Service.name)
        let identity = directory.identity
        for address in addresses { _ = try address.needs(identity) }
        let topic = Hints.prefix(Event.topic)
        // The newest are kept when the reader falls behind.
        let (stream, continuation) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingNewest(8_192))
        (messages, end) = (stream, continuation)
        peers = addresses.map { address in
            SPPeer(
                hearing: address, on: Hints.loop, limit: Hints.largest,
                trust: address.trust(identity),
                { message in
                    if message.starts(with: topic) { continuation.yield([UInt8](message)) }
                }, changed: connected)
        }
    }

    deinit {
        for peer in peers { peer.close() }
        end.finish()
    }

    /// Gives each event to `body` until the task is cancelled; afterwards nothing more comes. What
    /// cannot be read is passed over: the log has the truth.
    public func forEach(_ body: (Event) async -> Void) async {
        let skipped = Hints.prefix(Event.topic).count
        for await message in messages {
            let payload = Array(message.dropFirst(skipped))
            guard let event = try? Envelope.decode(Event.self, from: payload, .invalid) else {
                continue
            }
            await body(event)
        }
    }
}
