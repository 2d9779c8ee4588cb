import Contracts
import EventLoop
import Glibc
import HTTP
import Lifecycle
import Log
import Mesh
import MeshContract
import REST

/// The public port: every request passes here on its way to an endpoint, and every answer back.
struct FrontDoor: Sendable {
    let config: GatewayConfig
    let accounts: Accounts
    let mesh: MeshClient
    let log: Log
    let counters = RequestCounters()
    private let loop: EventLoop
    private let router: Router

    init(
        config: GatewayConfig, accounts: Accounts, opening: BillingOpening, mesh: MeshClient,
        loop: EventLoop, log: Log
    ) {
        (self.config, self.accounts, self.mesh) = (config, accounts, mesh)
        (self.loop, self.log) = (loop, log)
        let operations = OperationEndpoints(mesh: mesh, counters: counters)
        let groups = [
            AccountEndpoints(accounts: accounts, opening: opening, mesh: mesh, config: config).all,
            SessionEndpoints(mesh: mesh, accounts: accounts, opening: opening).all,
            RunEndpoints(mesh: mesh).all, ArtifactEndpoints(mesh: mesh).all,
            MoneyEndpoints(mesh: mesh).all,
        ].flatMap { $0 }
        router = Router(groups + operations.all(documenting: groups))
    }

    /// Serves until the group ends, then drains: requests in hand are finished, streams are ended.
    var job: Running {
        let holder = ServerHolder()
        return Running(
            "http",
            run: {
                let loops = [loop] + (1..<config.loops).map { _ in EventLoop() }
                var limits = HTTPLimits()
                limits.maxBody = 24 << 20
                let server = try listen(loops, limits)
                holder.hold(server)
                log.info("listening", ["address": "http://\(config.host):\(server.port)"])
                try await Running.idle()
            },
            stop: { await holder.drain() })
    }

    private func listen(_ loops: [EventLoop], _ limits: HTTPLimits) throws -> HTTPServer {
        do {
            return try HTTPServer(
                loops: loops, host: config.host, port: config.port, limits: limits
            ) { request, body, writer in await handle(request, body, writer) }
        } catch {
            throw refusal(of: error)
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

    private func handle(
        _ request: HTTPRequest, _ body: BodyStream, _ writer: ResponseWriter
    ) async {
        let id = requestID(request)
        let call = Call(
            id: id, caller: "gateway", trace: request.headers["traceparent"], time: .seconds(60),
            log: log)
        let started = monotonic()
        let status = await call.run { await answer(request, body, writer, id) }
        counters.count(status: status, nanoseconds: monotonic() - started)
        log.debug(
            "answered", ["method": request.method, "status": "\(status)", "request": id])
    }

    /// Answers, and says with which status.
    private func answer(
        _ request: HTTPRequest, _ body: BodyStream, _ writer: ResponseWriter, _ id: String
    ) async -> Int {
        let common = commonHeaders(request, id)
        do {
            if request.method == "OPTIONS", let preflight = preflight(request) {
                try await writer.send(status: 204, headers: common + preflight, body: [])
                return 204
            }
            let answer = try await dispatch(request, body, id)
            return try await send(answer, common, writer)
        } catch let fault as Fault {
            return await refuse(fault, common, id, writer)
        } catch let error as HTTPError {
            if case .closed = error { return 499 }
            return await refuse(Fault(.invalid, "\(error)"), common, id, writer)
        } catch is CancellationError {
            return 499
        } catch {
            log.error("a request failed", ["request": id, "error": "\(error)"])
            let fault = Fault(.internal, "internal error; the log has it under \(id)")
            return await refuse(fault, common, id, writer)
        }
    }

    private func dispatch(
        _ request: HTTPRequest, _ body: BodyStream, _ id: String
    ) async throws -> Answer {
        switch router.match(request.method, request.path) {
        case .unknown: throw Fault(.notFound, "no path \(request.path.prefix(200))")
        case .wrongMethod(let allowed):
            return .bytes(
                405,
                headers: [
                    ("Allow", allowed.joined(separator: ", ")),
                    ("Content-Type", "application/problem+json"),
                ],
                try JSONCoding.encode(
                    Problem(Fault(.invalid, "this path takes \(allowed)"), requestID: id)))
        case .found(let endpoint, let parameters):
            let identity = try await identify(request, for: endpoint)
            if let length = body.declaredLength, length > max(endpoint.bodyLimit, 65_536) {
                throw Fault(.invalid, "too large: a body here has at most \(endpoint.bodyLimit) bytes")
            }
            var bytes: [UInt8] = []
            if endpoint.bodyLimit > 0 {
                do {
                    bytes = try await body.collect(upTo: endpoint.bodyLimit)
                } catch HTTPError.bodyTooLarge {
                    throw Fault(
                        .invalid, "too large: a body here has at most \(endpoint.bodyLimit) bytes")
                }
            }
            return try await endpoint.run(
                Incoming(
                    request: request, requestID: id, parameters: parameters, identity: identity,
                    body: bytes))
        }
    }

    private func identify(
        _ request: HTTPRequest, for endpoint: Endpoint
    ) async throws -> Identity {
        guard endpoint.access != .anyone else { return Identity(user: "", role: "") }
        guard let header = request.headers["authorization"],
            header.lowercased().hasPrefix("bearer ")
        else { throw Fault(.unauthenticated, "send Authorization: Bearer with a token") }
        let identity = try await accounts.identify(String(header.dropFirst(7)))
        if endpoint.access == .admin && identity.role != "admin" {
            throw Fault(.denied, "this takes the role admin")
        }
        return identity
    }

    // MARK: Answers

    private func send(
        _ answer: Answer, _ common: [(String, String)], _ writer: ResponseWriter
    ) async throws -> Int {
        switch answer {
        case .json(let status, let value):
            let headers = common + [("Content-Type", "application/json")]
            try await writer.send(status: status, headers: headers, body: JSONCoding.encode(value))
            return status
        case .bytes(let status, let headers, let bytes):
            try await writer.send(status: status, headers: common + headers, body: bytes)
            return status
        case .empty(let status):
            try await writer.send(status: status, headers: common, body: [])
            return status
        case .stream(let headers, let body):
            try await writer.start(status: 200, headers: common + headers)
            try await body(writer)
            return 200
        }
    }

    private func refuse(
        _ fault: Fault, _ common: [(String, String)], _ id: String, _ writer: ResponseWriter
    ) async -> Int {
        let problem = Problem(fault, requestID: id)
        let headers =
            common + Problem.headers(for: fault) + [("Content-Type", "application/problem+json")]
        do {
            let body = try JSONCoding.encode(problem)
            try await writer.send(status: problem.status, headers: headers, body: body)
        } catch {
            log.debug("nobody waits for the answer", ["request": id])
        }
        return problem.status
    }

    private func commonHeaders(_ request: HTTPRequest, _ id: String) -> [(String, String)] {
        var headers = [
            ("X-Request-Id", id), ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        if let origin = request.headers["origin"], config.allowedOrigins.contains(origin) {
            headers += [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
        }
        return headers
    }

    private func preflight(_ request: HTTPRequest) -> [(String, String)]? {
        guard let origin = request.headers["origin"], config.allowedOrigins.contains(origin),
            request.headers["access-control-request-method"] != nil
        else { return nil }
        return [
            ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"),
            (
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id"
            ), ("Access-Control-Max-Age", "600"),
        ]
    }

    /// The caller's own id where it is a sane one, else a new one.
    private func requestID(_ request: HTTPRequest) -> String {
        if let given = request.headers["x-request-id"], (8...64).contains(given.utf8.count),
            given.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 34 && $0 != 92 })
        {
            return given
        }
        return CallID.make()
    }
}
