import Contracts
import Mesh
import MeshContract
import Refinement
import WriteStudio

/// What a session would cost, by the rules that charge it.
extension OrchestratorNode {
    func estimate(
        _ request: Orchestrator.EstimateSession, _ call: Call
    ) async throws -> Orchestrator.Estimate {
        let input = try await input(of: request.session)
        var models: [String: Providers.ModelCard] = [:]
        var known: [String: Providers.ModelCard] = [:]
        for agent in input.template.agents {
            let name = "\(agent.provider)/\(agent.model)"
            if known[name] == nil { known[name] = try await model(of: agent) }
            models[agent.name] = known[name]
        }
        return SessionEstimate(input, models: models).estimate
    }

    /// nil for a model that no provider has: what it costs is not known.
    private func model(of agent: Refinement.Agent) async throws -> Providers.ModelCard? {
        do throws(Fault) {
            return try await mesh.call(
                Providers.FindModel(
                    provider: agent.provider.isEmpty ? nil : agent.provider,
                    model: agent.model.isEmpty ? nil : agent.model))
        } catch {
            guard error.code == .invalid || error.code == .notFound else { throw error }
            return nil
        }
    }
}
