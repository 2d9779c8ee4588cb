public import EventLoop
public import Log
public import MeshContract
import Synchronization

/// Answers a service's calls: its contract's methods, and `ping`, `info`, `stats` and `describe`,
/// which every service has.
public final class MeshServer: Sendable {
    /// The longest method, service or call name that is believed.
    private static let longestName = 128
    /// A handler is given this much more than its caller waits, so that an answer at the last
    /// moment is not cut off by our own clock.
    private static let grace = Duration.milliseconds(100)
    /// The most loops that are told of.
    private static let mostLoops = 16
    private static let mostMeasures = 512
    private static let reservedNames: Set = ["ping", "info", "stats", "describe", "mesh.capture"]

    public let service: String
    private let routes: Routes
    let log: Log
    let limit: Int
    private let largestReply: Int
    private let workers: Workers
    private let started = monotonic()
    private let book: CallBook
    let connections = Atomic(0)
    /// Ask for what was turned away before it was a call.
    private let doors = Mutex<[@Sendable () -> [String: Int]]>([])
    /// All there have been.
    let sessions = Atomic(0)
    let captures: CaptureSwitch

    /// `limit` is the most calls in hand at once, `heavyLimit` the most of heavy methods among
    /// them, which `workers` carry out; past either the answer is `overloaded`, at once. A reply
    /// above `largestReply` bytes is a fault: no caller would take it.
    public init(
        _ routes: Routes, log: Log, limit: Int = 4_096, heavyLimit: Int = 256,
        largestReply: Int = (16 << 20) - 64, workers: Workers = .shared
    ) {
        (service, self.routes) = (routes.service, routes)
        (self.log, self.limit, self.largestReply) = (log, limit, largestReply)
        self.workers = workers
        precondition(
            routes.cards.allSatisfy { !Self.reservedNames.contains($0.name) },
            "\(routes.service) has a method with a reserved name")
        captures = CaptureSwitch(routes.service)
        book = CallBook(routes.cards, limit: limit, heavyLimit: heavyLimit)
    }

    /// Answers one request's bytes with a reply's, whatever they hold. Whose it is, the session
    /// tells; without one, everybody in this process is believed. `cancel` is told after what
    /// time nobody waits any more.
    nonisolated(nonsending) func answer(
        _ bytes: [UInt8], of session: Session? = nil, arrived: UInt64 = monotonic(),
        cancel: @Sendable (_ after: Duration) -> Void = { _ in }
    ) async -> [UInt8] {
        let reply: [UInt8]
        do throws(Fault) {
            var (head, body) = try read(bytes, session)
            if let session {
                if head.method == Hello.method { return try answer(session.hello(body)) }
                head.caller = try session.caller(of: head, body)
            }
            if Self.reservedNames.contains(head.method) {
                // Not counted against the limit: a service that is full must still say so.
                reply =
                    head.method == "mesh.capture"
                    ? try await capture(head, body) : try reserved(head.method)
            } else {
                reply = try await admitted(head, body, arrived, cancel)
            }
        } catch {
            return message(error)
        }
        guard reply.count > largestReply else { return reply }
        return message(
            Fault(.internal, "a reply of \(reply.count) bytes is more than a caller takes"))
    }

    /// The answer to whoever calls while the service ends: he goes elsewhere.
    var refusal: [UInt8] {
        message(Fault(.unavailable, "\(service) is stopping", notExecuted: true))
    }

    private func answer(_ reply: some Encodable) throws(Fault) -> [UInt8] {
        try ReplyEnvelope.message { bytes throws(Fault) in
            try Envelope.append(reply, to: &bytes)
        }
    }

    private func message(_ fault: Fault) -> [UInt8] {
        (try? Envelope.encode(ReplyEnvelope(body: nil, fault: fault))) ?? []
    }

    /// The request, with nothing in it that would make a log or a table grow.
    private func read(
        _ bytes: [UInt8], _ session: Session?
    ) throws(Fault) -> (RequestHead, Body) {
        var (head, body): (RequestHead, Body)
        do throws(Fault) {
            (head, body) = try RequestHead.read(bytes)
        } catch {
            session?.misunderstood(error)
            throw error
        }
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
        _ head: RequestHead, _ body: Body, _ arrived: UInt64,
        _ cancel: @Sendable (Duration) -> Void
    ) async throws(Fault) -> [UInt8] {
        guard let route = routes.route(head.method) else {
            book.countUnknown()
            throw Fault(.notFound, "\(service) has no method \(head.method)")
        }
        let job = currentJob()
        guard let place = book.open(route.number, head.call, job, at: arrived) else {
            throw Fault(
                .overloaded, "\(service) has too many calls in hand", notExecuted: true)
        }
        EventLoop.mark(job)
        let time = Duration.milliseconds(head.time)
        let call = Call(
            id: head.call, caller: head.caller, trace: head.trace, time: time, log: log)
        cancel(time + Self.grace)
        var end = CallBook.End(
            started: 0, ended: 0, fault: nil, isCancelled: false, bytesIn: body.message.count,
            bytesOut: 0)
        defer {
            end.ended = monotonic()
            end.isCancelled = Task.isCancelled
            book.close(place, end)
        }
        do throws(Fault) {
            let reply =
                route.traits.isHeavy
                ? try await heavily(route, body, call, &end.started)
                : try await lightly(route, body, call, &end.started)
            end.bytesOut = reply.count
            return reply
        } catch {
            end.fault = error.code
            throw error
        }
    }

    private nonisolated(nonsending) func lightly(
        _ route: Routes.Route, _ body: Body, _ call: Call, _ started: inout UInt64
    ) async throws(Fault) -> [UInt8] {
        started = monotonic()
        return try await routes.dispatch(route, body, call)
    }

    /// On worker threads, the reading of the request and the writing of the reply included.
    private nonisolated(nonsending) func heavily(
        _ route: Routes.Route, _ body: Body, _ call: Call, _ started: inout UInt64
    ) async throws(Fault) -> [UInt8] {
        let (from, result) = await withTaskExecutorPreference(workers) {
            let from = monotonic()
            // It may have waited longer than its caller.
            guard !Task.isCancelled else {
                return (
                    from, Result<[UInt8], Fault>.failure(Fault(.timedOut, "the caller gave up"))
                )
            }
            do throws(Fault) {
                return (from, .success(try await routes.dispatch(route, body, call)))
            } catch {
                return (from, .failure(error))
            }
        }
        started = from
        return try result.get()
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

    /// Has what a way into the service turned away told with its figures.
    func addDoor(_ door: @escaping @Sendable () -> [String: Int]) {
        doors.withLock { $0.append(door) }
    }

    // MARK: Captures

    /// Writes every message into a file from now on, until `endCapture`.
    public func capture(to file: String) throws(Fault) { try captures.begin(file) }

    /// Lets an administrator switch a capture on for a while, into this folder.
    public func allowCaptures(in folder: String) { captures.allow(in: folder) }

    /// Ends a capture, and writes what waits. Blocks; never from a loop.
    public func endCapture() { captures.end() }

    /// On a worker thread, for it touches files.
    private nonisolated(nonsending) func capture(
        _ head: RequestHead, _ body: Body
    ) async throws(Fault) -> [UInt8] {
        guard head.caller == "admin" else {
            throw Fault(.denied, "\(head.caller) may not capture \(service)")
        }
        let request = try body.decode(CaptureRequest.self, .invalid)
        let captures = captures
        let result = await withTaskExecutorPreference(workers) {
            do throws(Fault) {
                return Result<CaptureStatus, Fault>.success(try captures.obey(request))
            } catch {
                return .failure(error)
            }
        }
        let status = try result.get()
        return try ReplyEnvelope.message { bytes throws(Fault) in
            try Envelope.append(status, to: &bytes)
        }
    }

    private var info: ServiceInfo {
        ServiceInfo(
            service: service, uptimeMilliseconds: Int((monotonic() - started) / 1_000_000),
            methods: routes.cards.map(\.name))
    }

    /// Whose work a job of a loop is, for the watchdog.
    public func holder(of job: UInt) -> Watchdog.Holder? { book.holder(of: job) }

    /// Counts what the watchdog found.
    public func countHeld(_ holder: Watchdog.Holder) { book.countHeld(holder.method) }

    private var stats: ServiceStats {
        let now = monotonic()
        var stats = book.stats(at: now)
        stats.process = .read()
        stats.process.uptimeMilliseconds = Int((now - started) / 1_000_000)
        stats.process.connections = connections.load(ordering: .relaxed)
        stats.loops = EventLoop.all.prefix(Self.mostLoops).map(\.figures)
        stats.measures = Array(routes.measures().prefix(Self.mostMeasures))
        for door in doors.withLock(\.self) {
            stats.turnedAway.merge(door(), uniquingKeysWith: +)
        }
        return stats
    }
}
