import Contracts
import Durable
import Log
import Mesh
import MeshContract
import ServiceKit

/// What every studio's runs have in common.
extension OrchestratorNode {
    func runs(_ request: Orchestrator.ListRuns, _ call: Call) async throws -> Orchestrator.RunPage {
        try mayRead(everybody: request.user == nil, call)
        return try await store.list(request)
    }

    /// Everybody's runs are for an administrator, and for the gateway's admin page.
    private func mayRead(everybody: Bool, _ call: Call) throws(Fault) {
        guard !everybody || call.caller == "admin" || call.caller == "gateway" else {
            throw Fault(.denied, "\(call.caller) has to name a user")
        }
    }

    nonisolated(nonsending) func run(
        _ request: Orchestrator.GetRun, _ call: Call
    ) async throws -> Orchestrator.Run {
        try await store.find(request.id, user: request.user)
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
        let run = try await store.find(request.id, user: request.user)
        guard run.state != "paused" else { return run }
        if try await !engine.pause(run.id), try await !isPausing(run.id) {
            // It may have ended, or paused by itself, a moment ago.
            let now = try await store.find(run.id, user: run.user)
            guard now.state == "paused" else {
                throw Fault(.conflict, "a run that is \(now.state) cannot be paused")
            }
        }
        return try await store.find(run.id, user: run.user)
    }

    func resume(_ request: Orchestrator.ResumeRun, _ call: Call) async throws -> Orchestrator.Run {
        let run = try await store.find(request.id, user: request.user)
        if try await !engine.resume(run.id) {
            let now = try await store.find(run.id, user: run.user)
            guard now.state == "running" else {
                throw Fault(.conflict, "a run that is \(now.state) cannot be resumed")
            }
            // To say that it runs, when it is about to stop, would lose what was asked for.
            guard try await !isPausing(run.id) else {
                throw Fault(.conflict, "the run is finishing its step before it pauses")
            }
        }
        return try await store.find(run.id, user: run.user)
    }

    private func isPausing(_ run: String) async throws -> Bool {
        try await engine.status(run)?.state == .pausing
    }

    func cancel(_ request: Orchestrator.CancelRun, _ call: Call) async throws -> Orchestrator.Run {
        let run = try await store.find(request.id, user: request.user)
        guard run.state != "cancelled" else { return run }
        let hold = try await engine.status(run.id)?.lifeID ?? run.id
        if try await !engine.cancel(run.id),
            try await !store.cancelQueued(run.id, at: ambient.now())
        {
            let now = try await store.find(run.id, user: run.user)
            // It has begun between the two.
            if now.state == "queued" || now.state == "running" {
                return try await cancel(request, call)
            }
            guard now.state == "cancelled" else {
                throw Fault(.conflict, "a run that is \(now.state) cannot be cancelled")
            }
        }
        let now = try await store.find(run.id, user: run.user)
        // A run that needed a person has no function left that would free its credits.
        if run.state == "needs_attention", now.state == "cancelled" { await free(hold, call) }
        return now
    }

    private func free(_ run: String, _ call: Call) async {
        do {
            _ = try await mesh.call(Billing.Release(run: run))
        } catch  where error.code != .notFound {
            call.log.warning(
                "a hold is left to expire", ["run": run, "error": "\(error)"])
        } catch {
            return  // it had none
        }
    }

    func stats(_ request: Orchestrator.GetStats, _ call: Call) async throws -> Orchestrator.RunStats
    {
        try mayRead(everybody: request.user == nil, call)
        return Orchestrator.RunStats(states: try await store.count(user: request.user))
    }
}
