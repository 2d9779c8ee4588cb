import BillingService
import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit

@testable import OrchestratorService

/// The orchestrator between real billing and scripted neighbours, as the gateway sees it.
struct Rig {
    static let user = "usr_1"

    let mesh: TestMesh
    let node: OrchestratorNode
    let providers: FakeProviders
    let storage: FakeStorage
    let gateway: MeshClient

    init(
        billing: Bool = true, jobs: Bool = true, environment: [String: String] = [:]
    ) async throws {
        mesh = try TestMesh()
        providers = try await mesh.start(FakeProviders.self)
        storage = try await mesh.start(FakeStorage.self)
        gateway = mesh.client(as: "gateway")
        node = try await mesh.start(OrchestratorNode.self, environment: environment, jobs: jobs)
        providers.answer { request, _ in
            request.agent == "Writer"
                ? .init(["Text by ", "the writer"])
                : .init(["Fine. ", "```json\n{\"score\": 7, \"criteria\": {\"wit\": 7}}\n```"])
        }
        if billing { try await startBilling() }
    }

    func startBilling() async throws {
        try await mesh.start(BillingNode.self, jobs: false)
        for user in [Self.user, "usr_2"] {
            _ = try await gateway.call(Billing.OpenAccount(account: user, plan: "free"))
        }
    }

    static func request(
        user: String = user, rounds: Int = 1, start: Bool? = nil, key: String? = nil,
        draft: String = "A draft."
    ) -> Orchestrator.CreateSession {
        Orchestrator.CreateSession(
            user: user, title: "Title", draft: draft,
            agents: [.init(name: "Writer", role: "writer"), .init(name: "Critic", role: "critic")],
            maxRounds: rounds, criteria: [.init(name: "wit", weight: 1)], start: start, key: key)
    }

    func make(
        user: String = user, rounds: Int = 1, start: Bool? = nil, key: String? = nil,
        draft: String = "A draft."
    ) async throws -> Orchestrator.Session {
        try await gateway.call(
            Self.request(user: user, rounds: rounds, start: start, key: key, draft: draft))
    }

    func run(_ id: String, user: String = user) async throws -> Orchestrator.Run {
        try await gateway.call(Orchestrator.GetRun(user: user, id: id))
    }

    func session(_ id: String) async throws -> Orchestrator.Session {
        try await gateway.call(Orchestrator.GetSession(user: Self.user, id: id))
    }

    func events(_ id: String) async throws -> [Orchestrator.Event] {
        try await gateway.call(
            Orchestrator.ListEvents(user: Self.user, run: id, after: 0, limit: 1_000)
        ).events
    }

    /// Waits until the run is in one of these states, and answers with it.
    @discardableResult
    func until(_ id: String, _ states: String...) async throws -> Orchestrator.Run {
        _ = try await soon { states.contains(try await run(id).state) }
        let now = try await run(id)
        #expect(states.contains(now.state), "it is \(now.state): \(now.error ?? "")")
        return now
    }

    func held() async throws -> Int64 {
        try await gateway.call(Billing.GetStatus(account: Self.user)).held
    }
}

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
