import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/ws`: the news of any number of runs over one WebSocket.
struct LiveEndpoints: Sendable {
    private static let summary = """
        Follows runs over a WebSocket. Say {"type":"auth","token":…} where the handshake had no \
        credentials, then {"type":"subscribe","run_id":…,"after":N}, "unsubscribe", "ping"; be told \
        {"event","run_id","id","data"} as /runs/{id}/stream tells it, and "ready", "subscribed", \
        "unsubscribed", "pong", "error"
        """

    let mesh: MeshClient
    let accounts: Accounts
    let access: RunAccess
    let feeds: RunFeeds
    let limits: RateLimits
    let credentials: Credentials
    let watches: CredentialWatches
    let options: WebSocketOptions
    /// How long a client may take for what is written at once.
    let slowest: Duration
    /// How long it may take to say who it is.
    var authTime = Duration.seconds(10)

    /// Under `/api/v1` as well, where the page's cookie is sent.
    var all: [Endpoint] {
        [false, true].map { isRoot in
            Endpoint("GET", "/ws", Self.summary, access: .anyone, isRoot: isRoot, handler: open)
                .answers(101).also(426, "It was not asked for a WebSocket")
        }
    }

    @Sendable private func open(_ incoming: Incoming) async throws -> Answer {
        let doer = Doer(incoming)
        // Wrong credentials are refused before there is a WebSocket; none may come with its messages.
        var (token, identity): (String?, Identity?)
        if credentials.areThere(in: incoming.request) {
            let shown = try credentials.token(of: incoming.request)
            let known = try await identify(shown, doer)
            try admit(known)
            (identity, token) = (known, shown)
        }
        var options = options
        options.maxMessage = min(options.maxMessage, 16 << 10)
        return .webSocket(options: options) { [token, identity] session in
            try await LiveSocket(self, session, as: doer).serve(token: token, identity: identity)
        }
    }

    /// Throws `unauthenticated`, and `denied` for an API key that may not read.
    func identify(_ token: String, _ doer: Doer) async throws(Fault) -> Identity {
        do {
            let identity = try await accounts.identify(token, by: doer)
            guard identity.allows(.read) else {
                throw Fault(.denied, "this API key lacks the scope read")
            }
            return identity
        } catch let fault as Fault {
            throw fault
        } catch let error as any FaultConvertible {
            throw error.fault
        } catch {
            throw Fault(.unavailable, "who this is cannot be told now")
        }
    }

    /// A message counts as a request does.
    func admit(_ identity: Identity) throws(Fault) {
        try limits.admit(identity, noting: RequestNotes())
    }

    /// A follower of a run, what it has to hold, and the run's state. Throws `not-found` to whoever may
    /// not see it.
    func begin(
        _ run: String, for identity: Identity, after: Int64
    ) async throws -> (follower: LiveFollower, pass: WatchPass?, state: String) {
        let user = try await access.user(for: identity.user, of: run, isChange: false)
        let found = try await mesh.call(Orchestrator.GetRun(user: user, id: run))
        // A number that was never given would hide the events up to it.
        let watch = RunWatch(
            mesh: mesh, feeds: feeds, user: user, run: run, after: min(after, found.lastSeq))
        let follower = LiveFollower(watch)
        let pass = try await access.pass(to: run, for: identity.person, as: user) {
            [weak follower] in
            follower?.stop()
        }
        return (follower, pass, found.state)
    }
}
