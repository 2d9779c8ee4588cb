import Contracts
import Mesh
import MeshContract
import REST

/// Health, readiness, figures and the reference.
struct OperationEndpoints: Sendable {
    struct Health: Codable, Sendable { var status: String }
    struct Readiness: Codable, Sendable {
        var status: String
        var services: [ServiceState]
    }
    struct ServiceState: Codable, Sendable {
        var service: String
        var up: Bool
    }

    private static let pageless = """
        Atelier. Requests go to /api/v1; /openapi.json lists them.
        The web page is not here: build it with tools/page, or name its folder by ATELIER_WEB, and
        start the gateway again.

        """

    /// All that must answer before work is taken.
    static let services = [
        Orchestrator.name, Providers.name, Billing.name, Analytics.name, Sandbox.name, Storage.name,
    ]

    let mesh: MeshClient
    let counters: RequestCounters
    let page: WebPage

    func all(documenting others: [Endpoint]) -> [Endpoint] {
        let own: [Endpoint] = [
            .get("/health", "Says that the gateway lives", access: .anyone) { _ in
                Health(status: "ok")
            },
            .get("/health", "Says that the gateway lives", access: .anyone, isRoot: true) { _ in
                Health(status: "ok")
            },
            Endpoint(
                "GET", "/", "The web page", access: .anyone, isRoot: true
            ) { incoming in
                page.answer(to: incoming.request)
                    ?? .bytes(
                        200, headers: [("Content-Type", "text/plain; charset=utf-8")],
                        Array(Self.pageless.utf8))
            },
            Endpoint(
                "GET", "/ready", "Says whether every service answers", access: .anyone,
                isRoot: true, replyFields: Field.tree(Readiness.self), handler: ready),
            Endpoint(
                "GET", "/metrics", "Figures for Prometheus", access: .anyone, isRoot: true,
                handler: metrics),
        ]
        let documented = others + own
        return own + [
            Endpoint("GET", "/openapi.json", "This document", access: .anyone, isRoot: true) { _ in
                .bytes(
                    200, headers: [("Content-Type", "application/json")],
                    try OpenAPI(documented, version: "0.1.0").encoded())
            }
        ]
    }

    @Sendable private func ready(_ incoming: Incoming) async throws -> Answer {
        let states = await withTaskGroup(of: ServiceState.self) { group in
            for name in Self.services {
                group.addTask {
                    ServiceState(service: name, up: await mesh.ping(name, within: .seconds(1)))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let isReady = states.allSatisfy(\.up)
        return .json(
            isReady ? 200 : 503,
            Readiness(
                status: isReady ? "ready" : "waiting",
                services: states.sorted { $0.service < $1.service }))
    }

    /// The text format 0.0.4 of Prometheus.
    @Sendable private func metrics(_ incoming: Incoming) async throws -> Answer {
        let snapshot = counters.snapshot
        var out = "# TYPE atelier_http_requests_total counter\n"
        for (kind, count) in snapshot.byClass.sorted(by: { $0.key < $1.key }) {
            out += "atelier_http_requests_total{status=\"\(kind)xx\"} \(count)\n"
        }
        out += "# TYPE atelier_http_seconds_total counter\n"
        out += "atelier_http_seconds_total \(Double(snapshot.nanoseconds) / 1e9)\n"
        return .bytes(
            200, headers: [("Content-Type", "text/plain; version=0.0.4")], Array(out.utf8))
    }
}
