import Contracts
import Database
import Durable
import Fakes
import Lifecycle
import Mesh
import ServiceKit
import Synchronization
import Testing
import Testkit

@testable import OrchestratorService

/// Asks a person in the middle, and fails at its end for as long as a test wants.
struct Asking: Workflow {
    static let name = "test.asking"
    static let version = 1
    static let isBroken = Mutex<Set<String>>([])

    struct Broken: CodedFailure {
        var failureCode: String { "broken" }
        var failureMessage: String { "it is broken" }
        var isPermanent: Bool { true }
    }

    func run(_ input: String, _ run: Run) async throws -> String {
        let one = try await run.step("one", input: input) { input, step in
            step.spend(100)
            return "<\(input)>"
        }
        let question = GateQuestion(
            kind: "choice", prompt: "Which?", options: ["red", "blue"])
        let answer: GateDecision = try await run.gate("colour", asking: question)
        guard answer.isApproval else { return "rejected: \(answer.feedback ?? "")" }
        return try await run.step("two") { _ in
            guard !Self.isBroken.withLock({ $0.contains(run.id) }) else { throw Broken() }
            return one + question.options[answer.choice ?? 0]
        }
    }
}

/// Has another run ask.
struct Delegating: Workflow {
    static let name = "test.delegating"
    static let version = 1

    func run(_ input: String, _ run: Run) async throws -> String {
        try await run.child(Asking.self, input, name: "part")
    }
}

/// The orchestrator with a workflow that needs no neighbours.
struct AskingNode: ServiceNode {
    typealias Service = Orchestrator
    static let migrations = OrchestratorNode.migrations
    static let commands = OrchestratorNode.commands
    let inner: OrchestratorNode

    init(_ kit: NodeKit) async throws {
        inner = try await OrchestratorNode(kit, workflows: [Asking(), Delegating()])
    }

    var routes: Routes { inner.routes }
    var jobs: [Running] { inner.jobs }
}

struct AskingRig {
    static let user = "usr_1"

    let mesh: TestMesh
    let node: OrchestratorNode
    let gateway: MeshClient

    init(environment: [String: String] = [:], jobs: Bool = true) async throws {
        mesh = try TestMesh()
        let environment = environment.merging(
            ["ATELIER_WEBHOOK_MILLISECONDS": "2", "ATELIER_SCHEDULE_MILLISECONDS": "2"]
        ) { old, _ in old }
        node = try await mesh.start(AskingNode.self, environment: environment, jobs: jobs).inner
        gateway = mesh.client(as: "gateway")
    }

    /// Makes and starts a run as a studio's handler does.
    @discardableResult
    func start(
        _ input: String, user: String = user, key: String? = nil, begin: Bool = true,
        _ type: (some Workflow<String>).Type = Asking.self
    ) async throws -> String {
        let run = Orchestrator.Run(
            id: node.ambient.makeID("run"), user: user, studio: "test", title: input,
            state: "queued", progress: 0, currentStep: nil, error: nil, stopReason: nil,
            createdAt: node.ambient.now(), startedAt: nil, endedAt: nil, cost: 0, lastSeq: 0)
        let record = try await node.store.insert(
            run, request: Array(input.utf8), turns: 1, key: key, atMost: 100)
        if begin { try await self.begin(record.run.id, input, user: user, type) }
        return record.run.id
    }

    func begin(
        _ id: String, _ input: String, user: String = user,
        _ type: (some Workflow<String>).Type = Asking.self
    ) async throws {
        let limits = try await node.store.limits(id)
        let lane = await node.lane(of: user, "test")
        try await node.engine.start(type, input, id: id, limits: limits, lane: lane) {
            try RunStore.checkStarted(id, in: $0)
        }
    }

    func run(_ id: String, user: String = user) async throws -> Orchestrator.Run {
        try await gateway.call(Orchestrator.GetRun(user: user, id: id))
    }

    @discardableResult
    func until(_ id: String, _ states: String...) async throws -> Orchestrator.Run {
        _ = try await soon { states.contains(try await run(id).state) }
        let now = try await run(id)
        #expect(states.contains(now.state), "it is \(now.state): \(now.error ?? "")")
        return now
    }

    func decide(
        _ id: String, _ decision: String = "approve", choice: Int? = 1, feedback: String? = nil
    ) async throws -> Orchestrator.Gate {
        try await gateway.call(
            Orchestrator.DecideGate(
                user: Self.user, run: id, gate: "colour", decision: decision, choice: choice,
                feedback: feedback))
    }

    func events(_ id: String) async throws -> [String] {
        try await gateway.call(
            Orchestrator.ListEvents(user: Self.user, run: id, after: 0, limit: 1_000)
        ).events.map(\.type)
    }
}
