import Contracts
import Log
import Mesh
import MeshContract

extension SandboxNode {
    /// A key's result is kept: the same call again answers with it, or waits for it.
    func execute(_ request: Sandbox.Execute, _ call: Call) async throws -> Sandbox.Execution {
        let order = try Order(request, within: allowance)
        return try await flights.join("\(order.fingerprint) \(order.key)") {
            switch try await store.begin(order) {
            case .kept(let execution): return execution
            case .started(let id, let at): return try await perform(order, id, at, call)
            }
        }
    }

    private func perform(
        _ order: Order, _ id: String, _ startedAt: Int64, _ call: Call
    ) async throws -> Sandbox.Execution {
        let execution: Sandbox.Execution
        do {
            if let refusal = mode.refusal(report) { throw refusal }
            let outcome = try await runner.run(order, id: id, patience: call.time)
            execution = outcome.execution(id, startedAt: startedAt)
        } catch {
            try await store.abandon(id)
            throw error
        }
        try await store.finish(execution)
        call.log.info(
            "executed",
            [
                "execution": id, "milliseconds": "\(execution.wallMilliseconds)",
                "code": "\(execution.exitCode ?? -1)", "timedOut": "\(execution.isTimedOut)",
            ])
        return execution
    }
}
