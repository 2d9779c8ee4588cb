import Log
import Mesh
import MeshContract
import Synchronization

/// Opens its socket at the first event: commands that never publish never listen, and a service
/// without events has no socket for them.
final class LazyPublisher: EventPublisher {
    private enum State {
        case unopened
        case open(SocketPublisher)
        case failed(tryAgain: ContinuousClock.Instant)
    }

    private let url: String
    private let identity: MeshIdentity?
    private let log: Log
    private let state = Mutex(State.unopened)

    init(url: String, as identity: MeshIdentity?, log: Log) {
        (self.url, self.identity, self.log) = (url, identity, log)
    }

    func publish(_ event: some MeshEvent) {
        let publisher = state.withLock { state -> SocketPublisher? in
            switch state {
            case .open(let publisher): return publisher
            case .failed(let again) where ContinuousClock.now < again: return nil
            case .failed, .unopened:
                do {
                    let publisher = try SocketPublisher(
                        listening: url, as: identity, log: log)
                    state = .open(publisher)
                    return publisher
                } catch {
                    log.error("hints cannot be published", ["error": "\(error)"])
                    // The process before this one may still hold the place.
                    state = .failed(tryAgain: .now + .seconds(5))
                    return nil
                }
            }
        }
        publisher?.publish(event)
    }
}
