import Contracts
import Mesh
import MeshContract

/// The Environment role: looks at the models before any work is begun with them.
extension OrchestratorNode {
    private static let mostAgents = 32

    func environment(
        _ request: Orchestrator.CheckEnvironment, _ call: Call
    ) async throws -> Orchestrator.EnvironmentReport {
        let agents = request.agents ?? [.init()]
        guard (1...Self.mostAgents).contains(agents.count) else {
            throw Fault(
                .invalid, "so many models are not looked at at once",
                fields: [FieldFault("/agents", "has 1 to \(Self.mostAgents) entries")])
        }
        var wanted: [EnvironmentCheck.Wanted] = []
        do throws(Fault) {
            for agent in agents { wanted.append(try await find(agent)) }
            let health = try await mesh.call(Providers.Health())
            return EnvironmentCheck(wanted: wanted, health: health).report
        } catch {
            // That they cannot be asked is the answer here.
            guard error.isTransient else { throw error }
            return EnvironmentCheck(wanted: wanted, health: nil).report
        }
    }

    private func find(
        _ agent: Orchestrator.AgentModel
    ) async throws(Fault) -> EnvironmentCheck.Wanted {
        let name = [agent.provider, agent.model].compactMap { $0 }.joined(separator: "/")
        do throws(Fault) {
            let card = try await mesh.call(
                Providers.FindModel(provider: agent.provider, model: agent.model))
            return .init(name: name, card: card)
        } catch {
            guard error.code == .invalid || error.code == .notFound else { throw error }
            return .init(name: name.isEmpty ? "a default model" : name, card: nil)
        }
    }
}
