import Contracts
import Mesh
import MeshContract
import REST
import Synchronization

/// Health, readiness, figures and the reference.
struct OperationEndpoints: Sendable {
    struct Health: Codable, Sendable {
        var status: String
        /// Which stack this is: new at each start, and in its data folder as `run/instance`.
        var instance: String
    }
    struct Readiness: Codable, Sendable {
        var status: String
        var instance: String
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
    let page: WebPage
    let instance: String
    let metrics: MetricsEndpoint

    func all(documenting others: [Endpoint]) -> [Endpoint] {
        let own: [Endpoint] =
            [
                .get("/health", "Says that the gateway lives", access: .anyone) { _ in
                    Health(status: "ok", instance: instance)
                }.also(503, "It is stopping").uncounted,
                .get("/health", "Says that the gateway lives", access: .anyone, isRoot: true) { _ in
                    Health(status: "ok", instance: instance)
                }.also(503, "It is stopping").uncounted,
                Endpoint(
                    "GET", "/", "The web page", access: .anyone, isRoot: true
                ) { incoming in
                    page.answer(to: incoming.request)
                        ?? .bytes(
                            200, headers: [("Content-Type", "text/plain; charset=utf-8")],
                            Array(Self.pageless.utf8))
                }.answers(200, "text/html", "text/plain").uncounted,
                Endpoint(
                    "GET", "/ready", "Says whether every service answers", access: .anyone,
                    isRoot: true, replyFields: Field.tree(Readiness.self), handler: ready
                ).also(503, "Not every service answers; `services` says which").uncounted,
                metrics.endpoint,
            ] + DocsPage.all
        let document = Endpoint(
            "GET", "/openapi.json", "The reference as OpenAPI 3.1", access: .anyone, isRoot: true
        ) { _ in .empty(204) }.answers(200, "application/json")
        let written = WrittenOnce()
        let documented = others + own + [document]
        return own + [
            Endpoint("GET", "/openapi.json", document.summary, access: .anyone, isRoot: true) { _ in
                .bytes(
                    200, headers: [("Content-Type", "application/json")],
                    try written.bytes { try OpenAPI(documented, version: "0.1.0").encoded() })
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
                status: isReady ? "ready" : "waiting", instance: instance,
                services: states.sorted { $0.service < $1.service }))
    }
}

/// Bytes that are made when they are first asked for.
private final class WrittenOnce: Sendable {
    private let known = Mutex<[UInt8]?>(nil)

    func bytes(_ make: () throws -> [UInt8]) throws -> [UInt8] {
        try known.withLock { known in
            if let known { return known }
            let made = try make()
            known = made
            return made
        }
    }
}
