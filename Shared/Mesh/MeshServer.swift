public import EventLoop
public import Log
public import MeshContract
import SP
import Synchronization

/// Answers a service's calls: its contract's methods, and `ping`, `info`, `stats` and `describe`,
/// which every service has.
public final class MeshServer: Sendable {
    /// The longest method, service or call name that is believed.
    private static let longestName = 128
    /// A handler is given this much more than its caller waits, so that an answer at the last
    /// moment is not cut off by our own clock.
    private static let grace = Duration.milliseconds(100)
    private static let reservedNames: Set = ["ping", "info", "stats", "describe"]

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
    private let largestReply: Int
    private let started = monotonic()
    private let state = Mutex(State())

    /// `limit` is the most calls in hand at once; past it the answer is `overloaded`, at once.
    /// A reply above `largestReply` bytes is a fault: no caller would take it.
    public init(
        _ routes: Routes, log: Log, limit: Int = 4_096, largestReply: Int = (16 << 20) - 64
    ) {
        (service, self.routes) = (routes.service, routes)
        (self.log, self.limit, self.largestReply) = (log, limit, largestReply)
    }

    /// Listens and answers until `stop`.
    public func listen(at url: String, on loop: EventLoop) throws(Fault) -> Listening {
        guard let address = SPAddress(url) else { throw Fault(.invalid, "\(url) is no address") }
        var limits = SPListener.Limits()
        // One caller may have all there is to have: admission is ours, and refuses at once.
        limits.calls = max(limits.calls, limit + 1)
        do {
            let listener = try SPListener(address, on: loop, limits: limits) { [self] body, call in
                await answer(body) { call.cancel(after: $0) }
            }
            return Listening(listener: listener)
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
    }

    /// Answers one request's bytes with a reply's, whatever they hold. `cancel` is told after what
    /// time nobody waits any more.
    func answer(
        _ bytes: [UInt8], cancel: @Sendable (_ after: Duration) -> Void = { _ in }
    ) async -> [UInt8] {
        var reply = ReplyEnvelope(body: nil, fault: nil)
        do throws(Fault) {
            let request = try read(bytes)
            if Self.reservedNames.contains(request.method) {
                // Not counted against the limit: a service that is full must still say so.
                reply.body = try reserved(request.method)
            } else {
                reply.body = try await admitted(request, cancel)
            }
        } catch {
            reply.fault = error
        }
        let bytes = (try? Envelope.encode(reply)) ?? []
        guard bytes.count > largestReply else { return bytes }
        let fault = Fault(.internal, "a reply of \(bytes.count) bytes is more than a caller takes")
        return (try? Envelope.encode(ReplyEnvelope(body: nil, fault: fault))) ?? []
    }

    /// The request, with nothing in it that would make a log or a table grow.
    private func read(_ bytes: [UInt8]) throws(Fault) -> RequestEnvelope {
        var request = try Envelope.decode(RequestEnvelope.self, from: bytes, .invalid)
        for name in [request.method, request.caller, request.call, request.trace ?? ""] {
            guard name.utf8.count <= Self.longestName else {
                throw Fault(.invalid, "a name in the envelope has \(name.utf8.count) bytes")
            }
        }
        request.time = min(max(request.time, 0), 86_400_000)
        return request
    }

    private func admitted(
        _ request: RequestEnvelope, _ cancel: @Sendable (Duration) -> Void
    ) async throws(Fault) -> [UInt8] {
        let isAdmitted = state.withLock { state in
            let isAdmitted = state.inHand < limit
            if isAdmitted { state.inHand += 1 } else { state.refused += 1 }
            return isAdmitted
        }
        guard isAdmitted else {
            throw Fault(.overloaded, "\(service) has \(limit) calls in hand")
        }
        let from = monotonic()
        let call = Call(
            id: request.call, caller: request.caller, trace: request.trace,
            time: .milliseconds(request.time), log: log)
        cancel(call.time + Self.grace)
        do throws(Fault) {
            let body = try await routes.dispatch(request.method, request.body, call)
            count(request.method, failed: false, monotonic() - from)
            return body
        } catch {
            count(request.method, failed: true, monotonic() - from)
            throw error
        }
    }

    private func count(_ method: String, failed: Bool, _ time: UInt64) {
        state.withLock { state in
            state.inHand -= 1
            // A stranger's method names must not grow the table.
            guard routes.has(method) else { return }
            var counter = state.counters[method] ?? Counter()
            counter.calls += 1
            counter.faults += failed ? 1 : 0
            counter.nanoseconds += time
            state.counters[method] = counter
        }
    }

    private func reserved(_ method: String) throws(Fault) -> [UInt8] {
        switch method {
        case "info": try Envelope.encode(info)
        case "stats": try Envelope.encode(stats)
        case "describe": try Envelope.encode(routes.cards.map(\.signature))
        default: try Envelope.encode(Done())
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
                ServiceStats.Method(
                    method: name, calls: counter.calls, faults: counter.faults,
                    meanMicroseconds: Int(counter.nanoseconds / 1_000)
                        / max(counter.calls, 1))
            }
            return ServiceStats(inHand: state.inHand, refused: state.refused, methods: methods)
        }
    }
}
