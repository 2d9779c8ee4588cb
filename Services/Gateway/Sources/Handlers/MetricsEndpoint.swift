import Contracts
import Crypto
import EventLoop
import HTTP
import Mesh
import MeshContract
import REST

/// Who may read the figures: this machine, an administrator (by a key that may read, if by one), or
/// whoever has the token for them.
struct MetricsAccess: Sendable {
    private let token: [UInt8]?

    init(token: String?) { self.token = token.map { Array($0.utf8) } }

    func allows(_ incoming: Incoming, _ accounts: Accounts) async -> Bool {
        let request = incoming.request
        let bearer = Credentials.bearer(in: request)
        if let token, let bearer, constantTimeEqual(token, Array(bearer.utf8)) { return true }
        if let bearer, let known = try? await accounts.identify(bearer, by: Doer(incoming)) {
            return known.role == "admin" && known.allows(.read)
        }
        // What a proxy on this machine passes on comes from elsewhere.
        let isPassedOn = ["x-forwarded-for", "forwarded", "via"].contains {
            request.headers[$0] != nil
        }
        return !isPassedOn && Network.isThisMachine(request.remote)
    }
}

/// `/metrics`: the figures of all services, gathered over the mesh when they are asked for.
struct MetricsEndpoint: Sendable {
    private static let patience = Duration.milliseconds(800)

    let mesh: MeshClient
    let counters: RequestCounters
    let accounts: Accounts
    let access: MetricsAccess

    var endpoint: Endpoint {
        Endpoint(
            "GET", "/metrics",
            "Figures of all services for Prometheus: for this machine, administrators, and who has "
                + "ATELIER_METRICS_TOKEN",
            access: .anyone, isRoot: true, handler: answer
        ).answers(200, "text/plain").fails(403).uncounted
    }

    @Sendable private func answer(_ incoming: Incoming) async throws -> Answer {
        guard await access.allows(incoming, accounts) else {
            throw Fault(
                .denied, "the figures are for this machine, administrators and the metrics token")
        }
        let services = OperationEndpoints.services + [Gateway.name]
        let found = await withTaskGroup(of: (String, ServiceStats?).self) { group in
            for name in services {
                group.addTask { (name, try? await mesh.stats(name, within: Self.patience)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var figures = ServiceFigures()
        figures.add(counters.snapshot)
        for name in services.sorted() { figures.add(name, found[name] ?? nil) }
        return .bytes(
            200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
            Array(figures.text.utf8))
    }
}
