import Console
import Mesh
import MeshContract

/// How one service fares, as `status` shows it.
struct ServiceState: Codable, Sendable, Equatable {
    var service: String
    var up: Bool
    var uptimeMilliseconds: Int?
    var calls: Int?
    var faults: Int?
    var inHand: Int?

    enum CodingKeys: String, CodingKey {
        case service, up, calls, faults
        case uptimeMilliseconds = "uptime_ms"
        case inHand = "in_hand"
    }

    init(of service: String, over mesh: MeshClient) async {
        self.service = service
        up = await mesh.ping(service)
        guard up else { return }
        do {
            uptimeMilliseconds = try await mesh.info(service).uptimeMilliseconds
            let stats = try await mesh.stats(service)
            // Calls that are answered from the frame, as ours are, count as well.
            calls = stats.methods.reduce(0) { $0 + $1.calls }
            faults = stats.methods.reduce(0) { $0 + $1.faults }
            inHand = stats.inHand
        } catch {
            up = false
        }
    }
}

/// What `status` shows.
struct StackReport: Codable, Sendable {
    var address: String
    var ready: Bool
    var supervisor: Int?
    var services: [ServiceState]
    /// What the Environment role says of the models; nil where nobody could be asked.
    var models: String?
    var problems: [String]?

    var lines: [String] {
        let keeper = supervisor.map { "supervisor \($0)" } ?? "no supervisor"
        let rows = services.map { state -> [String] in
            let time = state.uptimeMilliseconds.map { Figures.time($0) } ?? "-"
            let numbers = [state.calls, state.faults, state.inHand].map { number -> String in
                number.map { Figures.grouped($0) } ?? "-"
            }
            return [state.service, state.up ? "up" : "down", time] + numbers
        }
        let head = ["service", "state", "uptime", "calls", "faults", "in hand"]
        return ["\(address) \(ready ? "is ready" : "is not ready"); \(keeper)"]
            + Render.table([head] + rows)
            + (models.map { ["models: \($0)"] } ?? [])
            + (problems ?? []).map { "  \(Printable.line($0))" }
    }
}
