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

    /// What would begin runs goes first, so that none begins while the others end.
    func release(_ request: Orchestrator.ReleaseUser, _ call: Call) async throws -> Done {
        try await store.forgetStarters(of: request.user)
        for run in try await store.open(of: request.user) {
            do {
                _ = try await cancel(
                    Orchestrator.CancelRun(user: request.user, id: run.id), call)
            } catch let fault as Fault {
                // It has ended between the two.
                guard fault.code == .conflict else { throw fault }
            }
        }
        // They end at their next step, and there may be more: the caller comes again until all have.
        guard try await store.open(of: request.user).isEmpty else {
            throw Fault(.unavailable, "runs are still ending", retryAfterMilliseconds: 1_000)
        }
        return Done()
    }
}
