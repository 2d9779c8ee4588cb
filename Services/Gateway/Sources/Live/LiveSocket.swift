import EventLoop
import HTTP
import Mesh
import MeshContract
import REST
import Synchronization

/// One WebSocket of `/ws`: who it is, and the runs that it follows.
final class LiveSocket: Sendable {
    private struct State {
        var identity: Identity?
        /// Of the token that was shown last.
        var pass: WatchPass?
        var refusals = 0
        var followers: [String: LiveFollower] = [:]
    }

    /// What `subscribe` has begun.
    private struct Subscription: Sendable {
        let run: String
        let follower: LiveFollower
        let pass: WatchPass?
    }

    private struct Slow: Error {}

    /// Runs that one socket follows at once.
    static let mostRuns = 64
    /// Wrong credentials in a row, after which it is closed.
    private static let mostRefusals = 3
    /// As other services close a WebSocket whose credentials are missing or have ended.
    private static let unauthenticated = WebSocketCloseCode(rawValue: 4401)

    private let desk: LiveEndpoints
    private let session: WebSocketSession
    private let doer: Doer
    private let state = Mutex(State())

    init(_ desk: LiveEndpoints, _ session: WebSocketSession, as doer: Doer) {
        (self.desk, self.session, self.doer) = (desk, session, doer)
    }

    /// Serves until the client goes or the server stops. `token` and `identity` are those of the
    /// handshake, where it had any.
    func serve(token: String?, identity: Identity?) async throws {
        do {
            if let token, let identity { try await welcome(identity, token) }
            try await listen()
        } catch is Slow {
            farewellToSlow()
        }
    }

    private func listen() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { [self] in await awaitAuthentication() }
            while let message = try await session.receive() {
                guard case .text(let text) = message else {
                    session.close(.unsupported, reason: "messages are text")
                    break
                }
                guard let begun = try await take(text) else { continue }
                group.addTask { [self] in await follow(begun) }
            }
            for follower in state.withLock({ $0.followers.values.map { $0 } }) { follower.stop() }
            group.cancelAll()
        }
    }

    // MARK: What the client says

    /// What is to be followed from now on, if that was asked for.
    private func take(_ text: String) async throws -> Subscription? {
        let identity = state.withLock { $0.identity }
        var run: String?
        do {
            // A message counts, whatever it says.
            if let identity { try desk.admit(identity) }
            let request = try JSONCoding.decode(LiveRequest.self, from: Array(text.utf8))
            run = request.runId
            if request.type == "auth" {
                try await authenticate(request.token)
            } else if let identity {
                return try await act(request, identity)
            } else {
                throw Fault(.unauthenticated, "say who you are first: type auth, with a token")
            }
        } catch let error as any FaultConvertible {
            try await refuse(error.fault, run, isKnown: identity != nil)
        } catch let fault as Fault {
            try await refuse(fault, run, isKnown: identity != nil)
        }
        return nil
    }

    private func act(_ request: LiveRequest, _ identity: Identity) async throws -> Subscription? {
        switch request.type {
        case "ping": try await tell(LiveMessage.told("pong"))
        case "subscribe": return try await subscribe(request, identity)
        case "unsubscribe": try await unsubscribe(request)
        default:
            throw Fault(
                .invalid, "a field was refused",
                fields: [FieldFault("/type", "is auth, subscribe, unsubscribe or ping")])
        }
        return nil
    }

    /// Whoever has not said who they are may be wrong a few times only.
    private func refuse(_ fault: Fault, _ run: String?, isKnown: Bool) async throws {
        try await tell(LiveMessage.refusal(fault, run: run, requestID: doer.request))
        if !isKnown || fault.code == .unauthenticated { countRefusal() }
    }

    private func countRefusal() {
        let refusals = state.withLock { state in
            state.refusals += 1
            return state.refusals
        }
        if refusals >= Self.mostRefusals {
            session.close(Self.unauthenticated, reason: "the credentials are not valid")
        }
    }

    private func authenticate(_ token: String?) async throws {
        guard let token else {
            throw Fault(
                .invalid, "a field was refused", fields: [FieldFault("/token", "is missing")])
        }
        let identity = try await desk.identify(token, doer)
        try desk.admit(identity)
        // Runs of one person are not shown to the next.
        guard state.withLock({ $0.identity?.user ?? identity.user }) == identity.user else {
            throw Fault(.conflict, "this connection is somebody else's; open another")
        }
        try await welcome(identity, token)
    }

    private func subscribe(
        _ request: LiveRequest, _ identity: Identity
    ) async throws -> Subscription {
        let run = try Self.run(of: request)
        guard request.after ?? 0 >= 0 else {
            throw Fault(
                .invalid, "a field was refused",
                fields: [FieldFault("/after", "is the number of an event, or 0")])
        }
        let (isKnown, count) = state.withLock { ($0.followers[run] != nil, $0.followers.count) }
        guard !isKnown else { throw Fault(.conflict, "the run is followed already") }
        guard count < Self.mostRuns else {
            throw Fault(.limited, "a connection follows at most \(Self.mostRuns) runs")
        }
        let (follower, pass, state) = try await desk.begin(
            run, for: identity, after: request.after ?? 0)
        self.state.withLock { $0.followers[run] = follower }
        try await tell(
            LiveMessage.told(
                "subscribed", run: run, data: "{\"state\":\(EventJSON.quoted(state))}"))
        return Subscription(run: run, follower: follower, pass: pass)
    }

    private func unsubscribe(_ request: LiveRequest) async throws {
        let run = try Self.run(of: request)
        guard let follower = state.withLock({ $0.followers.removeValue(forKey: run) }) else {
            throw Fault(.conflict, "the run is not followed")
        }
        follower.stop()
        try await tell(LiveMessage.told("unsubscribed", run: run))
    }

    private static func run(of request: LiveRequest) throws(Fault) -> String {
        guard let run = request.runId else {
            throw Fault(
                .invalid, "a field was refused", fields: [FieldFault("/run_id", "is missing")])
        }
        return run
    }

    // MARK: What it is told

    private func follow(_ subscription: Subscription) async {
        let (run, follower) = (subscription.run, subscription.follower)
        defer { subscription.pass?.leave() }
        var failure: (any Error)?
        do {
            try await follower.follow { [self] blocks in
                for message in LiveMessage.news(blocks, of: run) {
                    // Whoever has said that they leave it hears no more.
                    guard isFollowed(run, follower) else { throw CancellationError() }
                    try await tell(message)
                }
            }
        } catch {
            failure = error
        }
        guard isFollowed(run, follower) else { return }
        state.withLock { $0.followers[run] = nil }
        guard session.end == nil, !Task.isCancelled else { return }
        if failure is Slow { return farewellToSlow() }
        if failure == nil && follower.watch.isEnded { return }
        // What is left is a refusal, or was taken away.
        let fault = failure as? Fault ?? RunAccess.noRun(run)
        try? await tell(LiveMessage.refusal(fault, run: run, requestID: doer.request))
    }

    private func farewellToSlow() {
        session.close(.tryLater, reason: "too slow; come again and go on after your last id")
    }

    private func isFollowed(_ run: String, _ follower: LiveFollower) -> Bool {
        state.withLock { $0.followers[run] === follower }
    }

    private func welcome(_ identity: Identity, _ token: String) async throws {
        let pass = desk.watches.enter(token) { [session] in
            session.close(Self.unauthenticated, reason: "the credentials have ended")
        }
        state.withLock { ($0.identity, $0.pass, $0.refusals) = (identity, pass, 0) }
        try await tell(
            LiveMessage.told(
                "ready", data: "{\"user_id\":\(EventJSON.quoted(identity.person))}"))
    }

    private func tell(_ message: String) async throws {
        let began = monotonic()
        try await session.send(.text(message))
        if monotonic() - began > desk.slowest.nanoseconds { throw Slow() }
    }

    /// Closes it when nobody has said in time who this is.
    private func awaitAuthentication() async {
        do { try await Task.sleep(for: desk.authTime) } catch { return }
        guard state.withLock({ $0.identity == nil }) else { return }
        session.close(Self.unauthenticated, reason: "nobody said who this is")
    }
}
