import Contracts
import Log
import Mesh
import MeshContract

extension BillingNode {
    func ledger(_ request: Billing.ListLedger, _ call: Call) async throws -> Billing.LedgerPage {
        try await store.entries(
            of: request.account, before: request.before, limit: min(max(request.limit, 1), 200))
    }

    func audit(_ request: Billing.Audit, _ call: Call) async throws -> Billing.AuditReport {
        let report = try await store.audit()
        if !report.problems.isEmpty {
            call.log.error("the ledger disagrees", ["problems": "\(report.problems.count)"])
        }
        return report
    }
}
