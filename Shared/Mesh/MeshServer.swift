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
        var refused = 0
        /// One for each method, in the contract's order.
        var counters: [Counter]
    }

    public let service: String
    private let routes: Routes
    private let log: Log
    private let limit: Int
    private let largestReply: Int
    private let started = monotonic()
    private let inHand = Atomic(0)
    private let state: Mutex<State>

    /// `limit` is the most calls in hand at once; past it the answer is `overloaded`, at once.
    /// A reply above `largestReply` bytes is a fault: no caller would take it.
    public init(
        _ routes: Routes, log: Log, limit: Int = 4_096, largestReply: Int = (16 << 20) - 64
    ) {
        (service, self.routes) = (routes.service, routes)
        (self.log, self.limit, self.largestReply) = (log, limit, largestReply)
        state = Mutex(State(counters: Array(repeating: Counter(), count: routes.cards.count)))
    }

    /// Listens and answers until `stop`.
    public func listen(at url: String, on loop: EventLoop) throws(Fault) -> Listening {
        guard let address = SPAddress(url) else { throw Fault(.invalid, "\(url) is no address") }
        var limits = SPListener.Limits()
        // One caller may have all there is to have: admission is ours, and refuses at once.
        limits.calls = max(limits.calls, limit + 1)
        let ending = Ending()
        do {
            let listener = try SPListener(address, on: loop, limits: limits) { [self] connection in
                let session = Session(self) { connection.drop() }
                return { body, call in
                    if ending.hasBegun { return self.refusal }
                    return await session.answer(body) { call.cancel(after: $0) }
                }
            }
            return Listening(listener: listener, ending: ending)
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
    }

    /// Answers one request's bytes with a reply's, whatever they hold. `cancel` is told after what
    /// time nobody waits any more.
    nonisolated(nonsending) func answer(
        _ bytes: [UInt8], cancel: @Sendable (_ after: Duration) -> Void = { _ in }
    ) async -> [UInt8] {
        let reply: [UInt8]
        do throws(Fault) {
            let (head, body) = try read(bytes)
            if Self.reservedNames.contains(head.method) {
                // Not counted against the limit: a service that is full must still say so.
                reply = try reserved(head.method)
            } else {
                reply = try await admitted(head, body, cancel)
            }
        } catch {
            return message(error)
        }
        guard reply.count > largestReply else { return reply }
        return message(
            Fault(.internal, "a reply of \(reply.count) bytes is more than a caller takes"))
    }

    /// The answer to whoever calls while the service ends: he goes elsewhere.
    private var refusal: [UInt8] {
        message(Fault(.unavailable, "\(service) is stopping", notExecuted: true))
    }

    private func message(_ fault: Fault) -> [UInt8] {
        (try? Envelope.encode(ReplyEnvelope(body: nil, fault: fault))) ?? []
    }

    /// The request, with nothing in it that would make a log or a table grow.
    private func read(_ bytes: [UInt8]) throws(Fault) -> (RequestHead, Body) {
        var (head, body) = try RequestHead.read(bytes)
        let longest = max(
            head.method.utf8.count, head.caller.utf8.count, head.call.utf8.count,
            head.trace?.utf8.count ?? 0)
        guard longest <= Self.longestName else {
            throw Fault(.invalid, "a name in the envelope has \(longest) bytes")
        }
        head.time = min(max(head.time, 0), 86_400_000)
        return (head, body)
    }

    private nonisolated(nonsending) func admitted(
        _ head: RequestHead, _ body: Body, _ cancel: @Sendable (Duration) -> Void
    ) async throws(Fault) -> [UInt8] {
        defer { inHand.wrappingSubtract(1, ordering: .relaxed) }
        guard inHand.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            state.withLock { $0.refused += 1 }
            throw Fault(.overloaded, "\(service) has \(limit) calls in hand", notExecuted: true)
        }
        guard let route = routes.route(head.method) else {
            throw Fault(.notFound, "\(service) has no method \(head.method)")
        }
        let from = monotonic()
        let time = Duration.milliseconds(head.time)
        let call = Call(
            id: head.call, caller: head.caller, trace: head.trace, time: time, log: log)
        cancel(time + Self.grace)
        do throws(Fault) {
            let reply = try await routes.dispatch(route, body, call)
            count(route, failed: false, monotonic() - from)
            return reply
        } catch {
            count(route, failed: true, monotonic() - from)
            throw error
        }
    }

    private func count(_ route: Routes.Route, failed: Bool, _ time: UInt64) {
        state.withLock { state in
            state.counters[route.number].calls += 1
            state.counters[route.number].faults += failed ? 1 : 0
            state.counters[route.number].nanoseconds += time
        }
    }

    private func reserved(_ method: String) throws(Fault) -> [UInt8] {
        try ReplyEnvelope.message { bytes throws(Fault) in
            switch method {
            case "info": try Envelope.append(info, to: &bytes)
            case "stats": try Envelope.append(stats, to: &bytes)
            case "describe": try Envelope.append(routes.cards.map(\.signature), to: &bytes)
            default: try Envelope.append(Done(), to: &bytes)
            }
        }
    }

    private var info: ServiceInfo {
        ServiceInfo(
            service: service, uptimeMilliseconds: Int((monotonic() - started) / 1_000_000),
            methods: routes.cards.map(\.name))
    }

    private var stats: ServiceStats {
        let inHand = inHand.load(ordering: .relaxed)
        return state.withLock { state in
            let called = zip(routes.cards, state.counters).filter { $1.calls > 0 }
            let methods = called.sorted { $0.0.name < $1.0.name }.map { card, counter in
                ServiceStats.Method(
                    method: card.name, calls: counter.calls, faults: counter.faults,
                    meanMicroseconds: Int(counter.nanoseconds / 1_000) / counter.calls)
            }
            return ServiceStats(inHand: inHand, refused: state.refused, methods: methods)
        }
    }
}
