import Contracts
import Database
import Fakes
import Mesh
import MeshContract
import ServiceKit
import Synchronization
import Testing
import Testkit

@testable import GatewayService

/// A gateway without its port and its jobs, between neighbours that say what a test wants.
final class NoticeRig: Sendable {
    let mesh: TestMesh
    let node: GatewayNode
    let providers: FakeProviders
    let orchestrator: NotingOrchestrator
    let billing: TellingBilling

    init(_ environment: [String: String] = [:]) async throws {
        mesh = try TestMesh()
        providers = try await mesh.start(FakeProviders.self)
        orchestrator = try await mesh.start(NotingOrchestrator.self)
        billing = try await mesh.start(TellingBilling.self)
        node = try await mesh.start(GatewayNode.self, environment: environment, jobs: false)
        for name in ["ada", "bob"] { try await Self.add(name, to: node.accounts.store) }
    }

    static func add(_ name: String, to store: AccountStore, host: String = "example.org")
        async throws
    {
        let account = AccountStore.Account(
            id: "usr_\(name)", email: "\(name)@\(host)", name: name, role: "user", plan: "free",
            passwordHash: "", generation: 1, createdAt: 1, isBillingOpen: true)
        #expect(try await store.insert(account, atMost: 100))
    }

    var store: NoticeStore { node.notices.store }

    static func entry(
        _ seq: Int64, _ kind: String = "run_completed", of user: String = "usr_ada",
        workspace: String? = nil, title: String = "Tides", detail: String? = nil
    ) -> Orchestrator.Noteworthy {
        Orchestrator.Noteworthy(
            seq: seq, kind: kind, run: "run_\(seq)", user: user, workspace: workspace,
            title: title, detail: detail, at: seq)
    }

    /// Takes what the orchestrator has noted next.
    func take(_ entries: Orchestrator.Noteworthy...) async throws {
        orchestrator.note(entries)
        while try await node.notices.turn() > 0 {}
    }

    func wish(
        _ kind: String, inApp: Bool, email: Bool, of user: String = "usr_ada"
    ) async throws {
        try await node.accounts.store.set(
            [.init(kind: kind, inApp: inApp, email: email)], of: user)
    }

    func list(_ user: String = "usr_ada") async throws -> [Notice] {
        try await store.list(of: user, after: nil, limit: 1_000)
    }

    /// The state of every e-mail, also of notices that are not shown.
    func emails(_ user: String = "usr_ada") async throws -> [String] {
        try await store.database.read { db in
            try db.all("SELECT email FROM notice WHERE account = $1 ORDER BY seq", user) {
                $0.text(0)
            }
        }
    }
}

/// An orchestrator that has noted what a test says.
final class NotingOrchestrator: ServiceNode {
    typealias Service = Orchestrator
    static let migrations: [Migration] = []
    static let commands = Commands(Orchestrator.contract)

    private let noted = Mutex<[Orchestrator.Noteworthy]>([])
    private let outage = Mutex<Fault?>(nil)

    init(_ kit: NodeKit) async throws {}

    func note(_ entries: [Orchestrator.Noteworthy]) { noted.withLock { $0 += entries } }
    func fail(_ fault: Fault?) { outage.withLock { $0 = fault } }
    func forget() { noted.withLock { $0 = [] } }

    var routes: Routes {
        Routes(partOf: Orchestrator.contract) {
            @Sendable (request: Orchestrator.ListNoteworthy, _: Call) in
            if let fault = self.outage.withLock({ $0 }) { throw fault }
            let all = self.noted.withLock { $0 }
            return Orchestrator.NoteworthyPage(
                entries: Array(all.filter { $0.seq > request.after }.prefix(request.limit)),
                newest: all.last?.seq ?? 0)
        }
    }
}

/// Billing as a test has it.
final class TellingBilling: ServiceNode {
    typealias Service = Billing
    static let migrations: [Migration] = []
    static let commands = Commands(Billing.contract)

    private let state = Mutex<(status: Billing.Status?, outage: Fault?, asked: Int)>((nil, nil, 0))

    init(_ kit: NodeKit) async throws {}

    var asked: Int { state.withLock { $0.asked } }

    func fail(_ fault: Fault?) { state.withLock { $0.outage = fault } }

    func tell(
        _ available: Int64, held: Int64 = 0, monthly: Int64? = 100_000, renewsAt: Int64? = 1,
        unlimited: Bool = false
    ) {
        let status = Billing.Status(
            account: "", plan: "free", isUnlimited: unlimited, available: available, held: held,
            granted: 0, renewsAt: renewsAt, monthly: monthly)
        state.withLock { $0.status = status }
    }

    var routes: Routes {
        Routes(partOf: Billing.contract) { @Sendable (request: Billing.GetStatus, _: Call) in
            try self.state.withLock { state in
                state.asked += 1
                if let outage = state.outage { throw outage }
                guard let status = state.status else { throw Fault(.notFound, "no account") }
                return status
            }
        }
    }
}
