import Contracts
import EventLoop
import Glibc
import HTTP
import Identity
import Lifecycle
import Log
import Mesh
import MeshContract
import REST
import TLS

/// The public port: every request passes here on its way to an endpoint, and every answer back.
final class FrontDoor: Sendable {
    let config: GatewayConfig
    let accounts: Accounts
    let surface: Surface
    let log: Log
    let closing: Closing
    let watches: CredentialWatches
    private let page: WebPage
    private let credentials: Credentials
    private let counters = RequestCounters()
    private let holder = ServerHolder()
    private let loop: EventLoop
    let router: Router
    private let access: RunAccess
    private let health: HealthAnswer?

    init(
        config: GatewayConfig, accounts: Accounts, opening: BillingOpening,
        ending: AccountEnding, surface: Surface, providers: [any SignInProvider], mesh: MeshClient,
        loop: EventLoop, log: Log
    ) {
        (self.config, self.accounts, self.surface) = (config, accounts, surface)
        (self.loop, self.log) = (loop, log)
        closing = Closing(most: config.http.streams) { Memory.giveBack(on: loop) }
        watches = CredentialWatches(accounts)
        // Without it the endpoint answers.
        health = try? HealthAnswer(instance: surface.instance)
        let feeds = RunFeeds(most: config.http.feeds, ringBytes: config.http.ringBytes)
        let cookie = PageCookie(config)
        (page, credentials) = (WebPage(folder: config.webFolder), Credentials(cookie: cookie))
        let operations = OperationEndpoints(
            mesh: mesh, page: page, instance: surface.instance,
            metrics: MetricsEndpoint(
                mesh: mesh, counters: counters, accounts: accounts, access: surface.metrics))
        let workspaces = WorkspaceStore(database: accounts.store.database)
        access = RunAccess(workspaces: workspaces, mesh: mesh, audit: accounts.audit)
        let groupings = WorkspaceEndpoints(
            accounts: accounts, store: workspaces, mesh: mesh, watches: access.watches)
        let sessions = SessionEndpoints(
            mesh: mesh, accounts: accounts, opening: opening, workspaces: workspaces)
        let groups = [
            AccountEndpoints(accounts: accounts, opening: opening, mesh: mesh, config: config).all,
            PageEndpoints(accounts: accounts, cookie: cookie).all,
            AccountEndEndpoints(accounts: accounts, cookie: cookie, ending: ending, access: access)
                .all,
            SignInEndpoints(accounts: accounts, cookie: cookie).all,
            KeyEndpoints(accounts: accounts).all,
            OutsideEndpoints(accounts: accounts, cookie: cookie, providers: providers).all,
            AuditEndpoints(store: accounts.audit.store).all,
            sessions.all, EditingEndpoints(mesh: mesh).all,
            TemplateEndpoints(mesh: mesh, sessions: sessions).all,
            ReferenceEndpoints(mesh: mesh).all, GateEndpoints(mesh: mesh).all,
            groupings.all, InvitationEndpoints(workspaces: groupings).all,
            AdminUserEndpoints(accounts: accounts).all,
            NotificationEndpoints(store: accounts.store).all,
            NoticeEndpoints(
                store: NoticeStore(database: accounts.store.database), ambient: accounts.ambient
            ).all,
            RunEndpoints(
                mesh: mesh, access: access, feeds: feeds, credentials: credentials,
                watches: watches, slowest: config.http.slowest
            ).all,
            LiveEndpoints(
                mesh: mesh, accounts: accounts, access: access, feeds: feeds,
                limits: surface.limits, credentials: credentials, watches: watches,
                options: config.http.sockets, slowest: config.http.slowest
            ).all,
            CostEndpoints(mesh: mesh).all, EnvironmentEndpoints(mesh: mesh).all,
            UsageEndpoints(mesh: mesh, ambient: accounts.ambient).all,
            CommentEndpoints(mesh: mesh).all, AdminEndpoints(mesh: mesh).all,
            RunControlEndpoints(mesh: mesh).all,
            ScheduleEndpoints(mesh: mesh).all, WebhookEndpoints(mesh: mesh).all,
            ArtifactEndpoints(mesh: mesh, access: access).all, MoneyEndpoints(mesh: mesh).all,
            ServingEndpoints(mesh: mesh, closing: closing).all,
            ProviderKeyEndpoints(mesh: mesh).all,
            BudgetEndpoints(mesh: mesh, accounts: accounts).all,
            EmailEndpoints(mesh: mesh, accounts: accounts).all,
        ].flatMap { $0 }.map(AccountReference.complete)
        router = Router(groups + operations.all(documenting: groups))
    }

    /// nil before it listens.
    var port: Int? { holder.port }

    /// Serves until the group ends, then drains: requests in hand are finished, streams are ended.
    var job: Running {
        Running(
            "http",
            run: { [self] in
                // People and their browsers are far away: nothing is gained by waiting awake.
                let own = (1..<config.loops).map { _ in EventLoop("http", isPatient: false) }
                defer { for loop in own { loop.stop() } }
                let server = try listen([loop] + own)
                holder.hold(server)
                try surface.announce(certificate: config.http.certificate?.file)
                let scheme = config.http.certificate == nil ? "http" : "https"
                log.info(
                    "listening", ["address": "\(scheme)://\(config.host):\(server.port)"])
                try await Running.idle()
            },
            stop: { [self] in await drain() })
    }

    func drain() async {
        closing.close()
        if config.http.stopDelay > .zero {
            // Whoever sends requests here looks at `/health` now and then, and goes elsewhere.
            _ = try? await Task.sleep(for: config.http.stopDelay)
        }
        await holder.drain(within: config.http.drain)
    }

    private func listen(_ loops: [EventLoop]) throws -> HTTPServer {
        var limits = config.http.limits
        limits.maxConnections = Descriptors.raise(for: limits.maxConnections)
        if limits.maxConnections < config.http.limits.maxConnections {
            log.warning(
                "fewer connections than set, for want of descriptors",
                ["connections": "\(limits.maxConnections)"])
        }
        let tls = try privacy()
        do {
            return try HTTPServer(
                loops: loops, host: config.host, port: config.port, limits: limits, tls: tls,
                atOnce: { [self] in atOnce($0) }
            ) { [self] request, body, writer in await handle(request, body, writer) }
        } catch {
            throw refusal(of: error)
        }
    }

    /// New files in the place of the old ones count within a second, for new connections.
    private func privacy() throws -> TLSContext? {
        guard let files = config.http.certificate else { return nil }
        let options = TLSOptions(certificate: files.file, key: files.key)
        do {
            return try TLSContext(.server, options) { [log] error in
                log.warning("the new certificate is not used", ["error": "\(error)"])
            }
        } catch {
            throw Fault(.invalid, "ATELIER_TLS_CERTIFICATE: \(error)")
        }
    }

    private func refusal(of error: HTTPError) -> Fault {
        guard case .system(let doing, let number) = error else {
            return Fault(.unavailable, "\(error)")
        }
        if number == EADDRINUSE {
            return Fault(
                .unavailable, "port \(config.port) is taken",
                detail: "choose another with ATELIER_PORT or --port")
        }
        let why = String(cString: strerror(number))
        return Fault(.unavailable, "\(doing) \(config.host):\(config.port): \(why)")
    }

    /// What load balancers ask for, and often: without a task, and noted like everything else.
    private func atOnce(_ request: HTTPRequest) -> ReadyAnswer? {
        let started = monotonic()
        guard let health = health?.answer(to: request, isStopping: closing.isClosed),
            CORS(config).preflight(request) == nil
        else { return nil }
        let (marks, notes) = (RequestMarks(request), RequestNotes())
        notes.bytes(health.body.count)
        let time = monotonic() - started
        counters.count(status: health.status, nanoseconds: time)
        surface.note(request, marks, notes, status: health.status, nanoseconds: time)
        let headers = AnswerHeaders(request, marks, notes, config)
        return ReadyAnswer(
            status: health.status, headers: headers.all(adding: health.headers),
            body: health.body)
    }

    private nonisolated(nonsending) func handle(
        _ request: HTTPRequest, _ body: BodyStream, _ writer: ResponseWriter
    ) async {
        let marks = RequestMarks(request)
        let call = Call(
            id: marks.id, caller: "gateway", trace: marks.trace, time: .seconds(60), log: log)
        let (started, notes) = (monotonic(), RequestNotes())
        let status = await call.run {
            await Reply(
                door: self, request: request, marks: marks, notes: notes, writer: writer
            ).give { try await dispatch(request, body, marks.id, notes) }
        }
        let time = monotonic() - started
        counters.count(status: status, nanoseconds: time)
        surface.note(request, marks, notes, status: status, nanoseconds: time)
        log.debug(
            "answered", ["method": request.method, "status": "\(status)", "request": marks.id])
    }

    private nonisolated(nonsending) func dispatch(
        _ request: HTTPRequest, _ body: BodyStream, _ id: String, _ notes: RequestNotes
    ) async throws -> Answer {
        if let preflight = CORS(config).preflight(request) {
            return .bytes(204, headers: preflight, [])
        }
        if let ready = health?.answer(to: request, isStopping: closing.isClosed) {
            return .bytes(ready.status, headers: ready.headers, ready.body)
        }
        switch router.match(request.method, request.path) {
        case .unknown:
            if let answer = page.answer(to: request) { return answer }
            throw Fault(.notFound, "no path \(request.path.prefix(200))")
        case .wrongMethod(let allowed):
            return .bytes(
                405,
                headers: [
                    ("Allow", allowed.joined(separator: ", ")),
                    ("Content-Type", "application/problem+json"),
                ],
                try JSONCoding.encode(Problem.wrongMethod(allowed, requestID: id)))
        case .found(let endpoint, let parameters):
            notes.route(endpoint.isRoot ? endpoint.path : "/api/v1" + endpoint.path)
            guard let refusal = endpoint.refusal else {
                return try await run(endpoint, request, body, parameters, id, notes)
            }
            do {
                return try await run(endpoint, request, body, parameters, id, notes)
            } catch let error as any FaultConvertible where !Task.isCancelled {
                return refusal(error.fault, Refused(request: request, requestID: id))
            } catch let fault as Fault where !Task.isCancelled {
                if fault.code == .internal {
                    log.error("a request failed", ["request": id, "error": "\(fault)"])
                }
                return refusal(fault, Refused(request: request, requestID: id))
            } catch HTTPError.bodyTooLarge(let limit) {
                let fault = Problem.tooLarge(limit)
                return refusal(fault, Refused(request: request, requestID: id))
            }
        }
    }

    private nonisolated(nonsending) func run(
        _ endpoint: Endpoint, _ request: HTTPRequest, _ body: BodyStream,
        _ parameters: [String: String], _ id: String, _ notes: RequestNotes
    ) async throws -> Answer {
        if endpoint.isCounted { try surface.limits.admit(request, noting: notes) }
        // Who may not ask shall not make us read a body.
        let identity = try await identify(request, id, for: endpoint)
        notes.caller(user: identity.user, key: identity.key)
        if endpoint.isCounted { try surface.limits.admit(identity, noting: notes) }
        let incoming = Incoming(
            request: request, requestID: id, parameters: parameters, identity: identity,
            body: try await read(body, for: endpoint))
        // Whose run it is comes after whose answer it is: keys are the person's own.
        let acting = try await access.acting(
            identity, at: endpoint, parameters, by: Doer(incoming))
        return try await surface.answers.answer(incoming, at: endpoint) {
            try await endpoint.run(
                Incoming(
                    request: request, requestID: id, parameters: parameters, identity: acting,
                    body: incoming.body))
        }
    }

    /// A small body that nobody reads does no harm; a large one is refused.
    private nonisolated(nonsending) func read(
        _ body: BodyStream, for endpoint: Endpoint
    ) async throws -> [UInt8] {
        let limit = endpoint.bodyLimit
        guard limit > 0 else {
            if body.declaredLength ?? 0 > 65_536 { throw Problem.tooLarge(limit) }
            return []
        }
        return try await body.collect(upTo: limit)
    }

    private nonisolated(nonsending) func identify(
        _ request: HTTPRequest, _ id: String, for endpoint: Endpoint
    ) async throws -> Identity {
        guard endpoint.access != .anyone else { return Identity(user: "", role: "") }
        let identity = try await accounts.identify(
            try credentials.token(of: request), by: Doer(request, id: id))
        if endpoint.access == .admin && identity.role != "admin" {
            throw Fault(.denied, "this takes the role admin")
        }
        guard identity.allows(endpoint.scope) else {
            throw Fault(.denied, "this API key lacks the scope \(endpoint.scope.rawValue)")
        }
        return identity
    }
}
