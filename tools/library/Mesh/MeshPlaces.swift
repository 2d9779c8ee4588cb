import Contracts
import Mesh
import MeshContract
import ServiceKit

/// The services of one stack, each process of them by itself.
struct MeshPlaces: Sendable {
    /// One process that answers.
    struct Place: Sendable {
        /// `billing`, or `billing/2` where there are several.
        let name: String
        let service: String
        let url: String
        let mesh: MeshClient
    }

    let all: [Place]

    /// Every process of the stack's services, or of those that are named.
    init(
        _ workplace: Workplace, _ plan: StackPlan, only services: [String] = []
    ) throws(Fault) {
        let directory = try plan.data.directory(workplace.environment, as: "admin")
        var places: [Place] = []
        for service in StackPlan.services where services.isEmpty || services.contains(service) {
            let replicas = directory.replicas(of: service)
            for (index, one) in replicas.enumerated() {
                places.append(
                    Place(
                        name: replicas.count == 1 ? service : "\(service)/\(index + 1)",
                        service: service, url: one.calls(to: service),
                        mesh: MeshClient(SocketTransport(one, on: workplace.loop), as: "admin")))
            }
        }
        all = places
    }
}

/// The contracts that this program was built with.
enum KnownContracts {
    static let all: [String: [MethodCard]] = [
        Analytics.name: Analytics.contract.methods, Billing.name: Billing.contract.methods,
        Gateway.name: Gateway.contract.methods, Orchestrator.name: Orchestrator.contract.methods,
        Providers.name: Providers.contract.methods, Sandbox.name: Sandbox.contract.methods,
        Storage.name: Storage.contract.methods,
    ]

    static func card(_ service: String, _ method: String) -> MethodCard? {
        all[service]?.first { $0.name == method }
    }

    /// The one method of this name; nil when several services have one, or none.
    static func only(_ method: String) -> MethodCard? {
        let cards = all.values.flatMap { $0 }.filter { $0.name == method }
        return cards.count == 1 ? cards[0] : nil
    }
}
