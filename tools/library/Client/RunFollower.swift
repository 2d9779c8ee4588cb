import EventStream
import Console
import Curl
import Glibc

/// Follows a run's event stream to its end, over lost connections and restarts of the gateway.
struct RunFollower: Sendable {
    /// How long the gateway may be away before the follower gives up.
    static let patience = Duration.seconds(60)

    let gateway: GatewayClient
    let path: String

    /// Calls `see` with every message once; numbered ones in order. Ends when the stream says so or
    /// when `see` answers false.
    func follow(
        away: (String) -> Void = { _ in }, _ see: (ServerSentEvent) async throws -> Bool
    ) async throws {
        var last: String?
        var lastNumber = 0
        var deadline = ContinuousClock.now + Self.patience
        var pause = Duration.milliseconds(200)
        while true {
            do {
                guard let stream = try await gateway.events(path, after: last) else { return }
                var parser = EventStreamParser()
                while let bytes = try await stream.next() {
                    deadline = .now + Self.patience
                    pause = parser.retry ?? .milliseconds(200)
                    let events = parser.feed(bytes)
                    guard parser.overflow == nil else {
                        throw Refusal(.unavailable, "the gateway sent an event that is too large")
                    }
                    for event in events {
                        if let number = event.id.flatMap({ Int($0) }) {
                            guard number > lastNumber else { continue }
                            lastNumber = number
                        }
                        if let id = event.id { last = id }
                        guard try await see(event), event.type != "end" else { return }
                    }
                }
            } catch let error as HTTPClientError where error != .cancelled {
                away("\(error)")
            } catch GatewayError.refused(let problem) where problem.isPassing {
                away(problem.text)
            } catch let error as GatewayError {
                throw error.refusal
            }
            guard ContinuousClock.now < deadline else {
                throw Refusal(
                    .unavailable, "the gateway was away for more than a minute; the run goes on")
            }
            try await Task.sleep(for: min(pause, .seconds(5)))
            pause = min(pause * 2, .seconds(5))
        }
    }
}
