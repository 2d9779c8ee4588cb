public import EventLoop
public import Log
public import MeshContract
import SP
import Synchronization

/// Answers a service's calls: its contract's methods, and `ping`, `info`, `stats` and `describe`,
/// which every service has.
public final class MeshServer: Sendable {
    /// What one method has done since the start.
    public struct MethodStats: Codable, Sendable, Equatable {
        public var method: String
        public var calls: Int
        public var faults: Int
        /// Mean time to answer, in microseconds; waiting for news included.
        public var meanMicroseconds: Int
    }

    private struct Counter {
        var calls = 0
        var faults = 0
        var nanoseconds: UInt64 = 0
    }

    private struct State {
        var inHand = 0
        var refused = 0
        var counters: [String: Counter] = [:]
    }

    public let service: String
    private let routes: Routes
    private let log: Log
    private let limit: Int
    private let started = monotonic()
    private let state = Mutex(State())

    /// `limit` is the most calls in hand at once; past it the answer is `overloaded`, at once.
    public init(_ routes: Routes, log: Log, limit: Int = 4_096) {
        (service, self.routes) = (routes.service, routes)
        (self.log, self.limit) = (log, limit)
    }

    /// Listens and answers until `stop`.
    public func listen(at url: String, on loop: EventLoop) throws(Fault) -> Listening {
        guard let address = SPAddress(url) else { throw Fault(.invalid, "\(url) is no address") }
        do {
            let listener = try SPListener(address, on: loop) { [self] in await answer($0) }
            return Listening(listener: listener, inHand: { [self] in state.withLock { $0.inHand } })
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
    }

    /// Answers one request's bytes with a reply's, whatever they hold.
    func answer(_ bytes: [UInt8]) async -> [UInt8] {
        var method = "?"
        let from = monotonic()
        let admitted = state.withLock { state in
            guard state.inHand < limit else {
                state.refused += 1
                return false
            }
            state.inHand += 1
            return true
        }
        var reply = ReplyEnvelope(body: nil, fault: nil)
        do throws(Fault) {
            guard admitted else { throw Fault(.overloaded, "\(service) has \(limit) calls in hand") }
            let request = try Envelope.decode(RequestEnvelope.self, from: bytes, .invalid)
            method = request.method
            let call = Call(
                id: request.call, caller: request.caller, trace: request.trace,
                time: .milliseconds(request.time), log: log)
            if let body = try reserved(method) {
                reply.body = body
            } else {
                reply.body = try await routes.dispatch(method, request.body, call)
            }
        } catch {
            reply.fault = error
        }
        if admitted { count(method, failed: reply.fault != nil, monotonic() - from) }
        return (try? Envelope.encode(reply)) ?? []
    }

    private func count(_ method: String, failed: Bool, _ time: UInt64) {
        state.withLock { state in
            state.inHand -= 1
            // A stranger's method names must not grow the table.
            guard state.counters[method] != nil || state.counters.count < 256 else { return }
            var counter = state.counters[method] ?? Counter()
            counter.calls += 1
            counter.faults += failed ? 1 : 0
            counter.nanoseconds += time
            state.counters[method] = counter
        }
    }

    private func reserved(_ method: String) throws(Fault) -> [UInt8]? {
        switch method {
        case "ping": return try Envelope.encode(Done())
        case "info": return try Envelope.encode(info)
        case "stats": return try Envelope.encode(stats)
        case "describe": return try Envelope.encode(routes.cards.map(\.signature))
        default: return nil
        }
    }

    private var info: ServiceInfo {
        ServiceInfo(
            service: service, uptimeMilliseconds: Int((monotonic() - started) / 1_000_000),
            methods: routes.cards.map(\.name))
    }

    private var stats: ServiceStats {
        state.withLock { state in
            let methods = state.counters.sorted { $0.key < $1.key }.map { name, counter in
                MethodStats(
                    method: name, calls: counter.calls, faults: counter.faults,
                    meanMicroseconds: Int(counter.nanoseconds / 1_000)
                        / max(counter.calls, 1))
            }
            return ServiceStats(inHand: state.inHand, refused: state.refused, methods: methods)
        }
    }
}

/// A server that listens, and how to end it.
public struct Listening: Sendable {
    let listener: SPListener
    let inHand: @Sendable () -> Int

    /// Takes no further call, waits for those in hand at most `time`, then closes.
    public func stop(within time: Duration = .seconds(5)) async {
        listener.stopReading()
        let end = ContinuousClock.now + time
        while inHand() > 0, ContinuousClock.now < end, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
        listener.close()
    }
}

/// What a service says of itself.
public struct ServiceInfo: Codable, Sendable, Equatable {
    public var service: String
    public var uptimeMilliseconds: Int
    public var methods: [String]
}

/// How a service fares.
public struct ServiceStats: Codable, Sendable, Equatable {
    public var inHand: Int
    public var refused: Int
    public var methods: [MeshServer.MethodStats]
}

extension MeshClient {
    /// True when `service` answers within the time.
    public func ping(_ service: String, within time: Duration = .seconds(1)) async -> Bool {
        (try? await call(service, "ping", [], traits: .once, within: time)) != nil
    }

    public func info(_ service: String) async throws(Fault) -> ServiceInfo {
        let bytes = try await call(service, "info", [], traits: .read, within: .seconds(2))
        return try Envelope.decode(ServiceInfo.self, from: bytes, .internal)
    }

    public func stats(_ service: String) async throws(Fault) -> ServiceStats {
        let bytes = try await call(service, "stats", [], traits: .read, within: .seconds(2))
        return try Envelope.decode(ServiceStats.self, from: bytes, .internal)
    }
}
