import Contracts
import Mesh
import MeshContract

extension BillingNode {
    func open(_ request: Billing.OpenAccount, _ call: Call) async throws -> Billing.Status {
        var check = Inspection()
        check.name(request.account, at: "/account")
        let plan = check.plan(request.plan, at: "/plan")
        try check.end()
        return try await store.open(request.account, on: plan, at: now())
    }

    func status(_ request: Billing.GetStatus, _ call: Call) async throws -> Billing.Status {
        try await store.status(of: request.account, at: now())
    }

    func grant(_ request: Billing.Grant, _ call: Call) async throws -> Billing.Status {
        var check = Inspection()
        check.amount(request.amount, at: "/amount")
        check.grantKey(request.key, at: "/key")
        try check.end()
        return try await store.grant(
            request.amount, to: request.account, once: request.key, at: now())
    }
}
