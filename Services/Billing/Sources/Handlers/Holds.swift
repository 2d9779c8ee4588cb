import Contracts
import Mesh
import MeshContract

extension BillingNode {
    func hold(_ request: Billing.Hold, _ call: Call) async throws -> Billing.HoldState {
        var check = Inspection()
        check.name(request.run, at: "/run")
        check.amount(request.amount, at: "/amount")
        try check.end()
        return try await store.hold(
            request.amount, of: request.account, for: request.run, at: now())
    }

    func capture(_ request: Billing.Capture, _ call: Call) async throws -> Billing.HoldState {
        var check = Inspection()
        check.amount(request.amount, at: "/amount")
        check.name(request.key, at: "/key")
        if let note = request.note { check.name(note, at: "/note") }
        try check.end()
        return try await store.capture(
            request.amount, from: request.run, once: request.key, for: request.note, at: now())
    }

    func release(_ request: Billing.Release, _ call: Call) async throws -> Billing.HoldState {
        try await store.release(request.run, at: now())
    }
}
