import Contracts
import Mesh
import MeshContract

/// Where runs belong, for the gateway alone.
extension OrchestratorNode {
    func locate(
        _ request: Orchestrator.LocateRun, _ call: Call
    ) async throws -> Orchestrator.RunPlace {
        guard let run = try await store.any(request.id) else { throw RunStore.absent(request.id) }
        return Orchestrator.RunPlace(user: run.user, workspace: run.workspace)
    }

    func dissolve(_ request: Orchestrator.DissolveWorkspace, _ call: Call) async throws -> Done {
        try await store.dissolve(request.workspace)
        return Done()
    }
}
