public import Log
public import MeshContract
import Nng

/// Tells whoever listens that something happened. A hint: it may be lost, and the owner's log is
/// read from the last number seen.
public protocol EventPublisher: Sendable {
    /// Never waits and never fails: what cannot be sent is lost.
    func publish(_ event: some MeshEvent)
}

/// Publishes over nng.
public final class NngPublisher: EventPublisher {
    private let socket: PubSocket
    private let log: Log

    /// Listens at once; `unavailable` where it cannot.
    public init(listening url: String, log: Log) throws(Fault) {
        do {
            socket = try PubSocket(listening: url)
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
        self.log = log
    }

    public func publish(_ event: some MeshEvent) {
        do {
            try socket.publish(message(event))
        } catch {
            log.debug("a hint was not published", ["error": "\(error)"])
        }
    }

    private func message<E: MeshEvent>(_ event: E) throws -> [UInt8] {
        try Array(E.topic.utf8) + [0] + Envelope.encode(event)
    }
}

/// Publishes nowhere: for tests and for tools.
public struct SilentPublisher: EventPublisher {
    public init() {}
    public func publish(_ event: some MeshEvent) {}
}

/// Listens for one kind of event of one service.
public final class EventSubscription<Event: MeshEvent>: Sendable {
    private let socket: SubSocket

    /// Connects now or as soon as the service is there.
    public init(_: Event.Type = Event.self, in directory: MeshDirectory) throws(Fault) {
        do {
            socket = try SubSocket(
                dialing: directory.events(of: Event.Service.name),
                topics: [Array(Event.topic.utf8) + [0]])
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
    }

    /// Gives each event to `body` until the task is cancelled; afterwards nothing more comes. What
    /// cannot be read is passed over: the log has the truth.
    public func forEach(_ body: (Event) async -> Void) async {
        for await message in socket.messages {
            let payload = Array(message.dropFirst(Event.topic.utf8.count + 1))
            guard let event = try? Envelope.decode(Event.self, from: payload, .invalid) else {
                continue
            }
            await body(event)
        }
    }
}
