import Contracts
import Durable
import Mesh
import MeshContract
import ServiceKit

/// What every studio's runs have in common.
extension OrchestratorNode {
    func runs(_ request: Orchestrator.ListRuns, _ call: Call) async throws -> Orchestrator.RunPage {
        try await store.list(request)
    }

    func run(_ request: Orchestrator.GetRun, _ call: Call) async throws -> Orchestrator.Run {
        try await store.find(request.id, user: request.user).run
    }

    func events(
        _ request: Orchestrator.ListEvents, _ call: Call
    ) async throws -> Orchestrator.EventPage {
        _ = try await store.find(request.run, user: request.user)
        let events = try await engine.events(
            request.run, after: request.after, limit: min(max(request.limit, 1), 1_000))
        return Orchestrator.EventPage(events: try events.map(EventText.event))
    }

    func pause(_ request: Orchestrator.PauseRun, _ call: Call) async throws -> Orchestrator.Run {
        let run = try await store.find(request.id, user: request.user).run
        guard run.state != "paused" else { return run }
        guard try await engine.pause(run.id) else {
            throw Fault(.conflict, "a run that is \(run.state) cannot be paused")
        }
        return try await store.find(run.id, user: run.user).run
    }

    func resume(_ request: Orchestrator.ResumeRun, _ call: Call) async throws -> Orchestrator.Run {
        let run = try await store.find(request.id, user: request.user).run
        guard run.state != "running" else { return run }
        guard try await engine.resume(run.id) else {
            throw Fault(.conflict, "a run that is \(run.state) cannot be resumed")
        }
        return try await store.find(run.id, user: run.user).run
    }

    func cancel(_ request: Orchestrator.CancelRun, _ call: Call) async throws -> Orchestrator.Run {
        let run = try await store.find(request.id, user: request.user).run
        guard run.state != "cancelled" else { return run }
        if run.state == "queued" {
            guard try await store.cancelQueued(run.id, at: ambient.now()) else {
                return try await cancel(request, call)  // it has begun meanwhile
            }
        } else if !(try await engine.cancel(run.id)) {
            throw Fault(.conflict, "a run that is \(run.state) cannot be cancelled")
        }
        return try await store.find(run.id, user: run.user).run
    }

    func stats(_ request: Orchestrator.GetStats, _ call: Call) async throws -> Orchestrator.RunStats {
        Orchestrator.RunStats(states: try await store.count(user: request.user))
    }
}
