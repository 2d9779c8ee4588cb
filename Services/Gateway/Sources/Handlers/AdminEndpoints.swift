import Contracts
import EventLoop
import HTTP
import Mesh
import MeshContract
import REST

/// `/admin`: how the services fare, and everybody's runs.
struct AdminEndpoints: Sendable {
    private static let patience = Duration.milliseconds(800)

    struct ServiceView: Codable, Sendable {
        var service: String
        var up: Bool
        /// Absent, as is what follows, for a service that did not answer.
        var uptimeSeconds: Int?
        var calls: Int?
        var faults: Int?
        var inHand: Int?
        var refused: Int?
        var residentBytes: Int?
        var processorSeconds: Double?
        var openDescriptors: Int?
        /// How often one of its loops was held up.
        var stalls: Int?

        init(_ service: String, _ stats: ServiceStats?) {
            (self.service, up) = (service, stats != nil)
            guard let stats else { return }
            uptimeSeconds = stats.process.uptimeMilliseconds / 1_000
            calls = stats.methods.reduce(0) { $0 + $1.calls }
            faults = stats.methods.reduce(0) { $0 + $1.faults }
            (inHand, refused) = (stats.inHand, stats.refused)
            residentBytes = stats.process.residentBytes
            processorSeconds = Double(stats.process.processorMilliseconds) / 1_000
            openDescriptors = stats.process.descriptors
            stalls = stats.loops.reduce(0) { $0 + $1.stalls }
        }
    }

    /// A run with whose it is: the run's fields stand beside that.
    struct OwnedRun: Codable, Sendable {
        private struct Owner: Codable, Sendable { var userId: String }

        private let run: RunView
        private let owner: Owner

        init(_ run: Orchestrator.Run) {
            (self.run, owner) = (RunView(run), Owner(userId: run.user))
        }

        init(from decoder: any Decoder) throws {
            (run, owner) = (try RunView(from: decoder), try Owner(from: decoder))
        }

        func encode(to encoder: any Encoder) throws {
            try run.encode(to: encoder)
            try owner.encode(to: encoder)
        }
    }

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/admin/services", "Shows how every service fares", access: .admin) {
                try Page(await services(), $0, by: \.service)
            }.paged(),
            .get("/admin/runs", "Lists everybody's runs, newest first", access: .admin, runs)
                .paged().takes(
                    RunEndpoints.stateParameter, .text("studio", "Such as `write`"),
                    .text("user_id", "Only this user's")),
        ]
    }

    private func services() async -> [ServiceView] {
        let names = OperationEndpoints.services + [Gateway.name]
        let found = await withTaskGroup(of: ServiceView.self) { group in
            for name in names {
                group.addTask {
                    ServiceView(name, try? await mesh.stats(name, within: Self.patience))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return found.sorted { $0.service < $1.service }
    }

    @Sendable private func runs(_ incoming: Incoming) async throws -> Page<OwnedRun> {
        let state = try RunEndpoints.state(incoming)
        let page = try await mesh.call(
            Orchestrator.ListRuns(
                user: incoming.request.queryValue("user_id"),
                studio: incoming.request.queryValue("studio"), state: state,
                cursor: incoming.request.queryValue("cursor"),
                limit: try incoming.number("limit", default: 50, in: 1...200)))
        return Page(items: page.runs.map(OwnedRun.init), nextCursor: page.next)
    }
}
