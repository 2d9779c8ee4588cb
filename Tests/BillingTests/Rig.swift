import Contracts
import Database
import Mesh
import MeshContract
import Testing
import Testkit

@testable import BillingService

/// The service in a process of its own making, and the three who may call it.
struct Rig {
    let mesh: TestMesh
    let node: BillingNode
    let gateway: MeshClient
    let orchestrator: MeshClient
    let admin: MeshClient

    init(jobs: Bool = false, environment: [String: String] = [:]) async throws {
        mesh = try TestMesh()
        node = try await mesh.start(BillingNode.self, environment: environment, jobs: jobs)
        gateway = mesh.client(as: "gateway")
        orchestrator = mesh.client(as: "orchestrator")
        admin = mesh.client(as: "admin")
    }

    @discardableResult
    func open(_ account: String = "ada", on plan: String = "free") async throws -> Billing.Status {
        try await gateway.call(Billing.OpenAccount(account: account, plan: plan))
    }

    func status(_ account: String = "ada") async throws -> Billing.Status {
        try await gateway.call(Billing.GetStatus(account: account))
    }

    @discardableResult
    func grant(
        _ amount: Int64, to account: String = "ada", key: String
    ) async throws -> Billing.Status {
        try await gateway.call(Billing.Grant(account: account, amount: amount, key: key))
    }

    @discardableResult
    func hold(
        _ amount: Int64, of account: String = "ada", run: String = "r1"
    ) async throws -> Billing.HoldState {
        try await orchestrator.call(Billing.Hold(account: account, run: run, amount: amount))
    }

    @discardableResult
    func capture(
        _ amount: Int64, run: String = "r1", key: String
    ) async throws -> Billing.HoldState {
        try await orchestrator.call(Billing.Capture(run: run, amount: amount, key: key))
    }

    @discardableResult
    func release(_ run: String = "r1") async throws -> Billing.HoldState {
        try await orchestrator.call(Billing.Release(run: run))
    }

    func entries(of account: String = "ada") async throws -> [Billing.LedgerEntry] {
        try await gateway.call(Billing.ListLedger(account: account, limit: 200)).entries
    }

    func audit() async throws -> Billing.AuditReport { try await admin.call(Billing.Audit()) }

    func problems() async throws -> [String] { try await audit().problems }

    /// The fault that `body` ends with.
    func refusal(_ body: () async throws -> some Sendable) async throws -> Fault {
        do {
            _ = try await body()
        } catch let fault as Fault {
            return fault
        }
        throw NotRefused()
    }

    struct NotRefused: Error {}
}

/// An answer of an open hold, in short.
func open(
    captured: Int64, remaining: Int64, shortfall: Int64 = 0, run: String = "r1"
) -> Billing.HoldState {
    Billing.HoldState(
        run: run, captured: captured, remaining: remaining, shortfall: shortfall, isOpen: true)
}
