import Contracts
import Mesh
import MeshContract

extension SandboxNode {
    func layers(_ request: Sandbox.GetLayers, _ call: Call) async throws -> Sandbox.Layers {
        report.reply
    }

    func executions(
        _ request: Sandbox.ListExecutions, _ call: Call
    ) async throws -> Sandbox.ExecutionList {
        guard (1...1_000).contains(request.limit) else {
            throw Fault(
                .invalid, "the request cannot be answered",
                fields: [FieldFault("/limit", "is from 1 to 1000")])
        }
        return Sandbox.ExecutionList(executions: try await store.list(limit: request.limit))
    }
}
