import BillingService
import Contracts
import Database
import Durable
import Fakes
import FoundationEssentials
import Glibc
import Mesh
import Refinement
import Synchronization
import Testing
import Testkit
import WriteStudio

/// The workflow on an engine, between real billing and scripted neighbours.
final class Rig: Sendable {
    static let user = "usr_1"

    let mesh: TestMesh
    let providers: FakeProviders
    let storage: FakeStorage
    let live = LiveText()
    let desk = FakeDesk()

    /// With `billing` false it has to be started by the test.
    init(billing: Bool = true, plan: String = "free") async throws {
        mesh = try TestMesh()
        providers = try await mesh.start(FakeProviders.self)
        storage = try await mesh.start(FakeStorage.self)
        if billing { try await startBilling(plan) }
    }

    func startBilling(_ plan: String = "free") async throws {
        try await mesh.start(BillingNode.self, jobs: false)
        _ = try await gateway.call(Billing.OpenAccount(account: Self.user, plan: plan))
    }

    var gateway: MeshClient { mesh.client(as: "gateway") }

    func status() async throws -> Billing.Status {
        try await gateway.call(Billing.GetStatus(account: Self.user))
    }

    /// The ledger's entries of a kind, the oldest first.
    func entries(_ kind: String) async throws -> [Billing.LedgerEntry] {
        try await gateway.call(Billing.ListLedger(account: Self.user, limit: 200)).entries
            .filter { $0.kind == kind }.reversed()
    }

    func audit() async throws -> [String] {
        try await mesh.client(as: "admin").call(Billing.Audit()).problems
    }

    /// Leaves so much in the account, in thousandths.
    func leave(_ amount: Int64) async throws {
        let orchestrator = mesh.client(as: "orchestrator")
        let rest = try await status().available - amount
        _ = try await orchestrator.call(
            Billing.Hold(account: Self.user, run: "other", amount: rest))
    }

    /// Runs an engine for as long as `body` runs.
    func withEngine<T: Sendable>(
        on path: String = ":memory:", _ body: @Sendable (Engine) async throws -> T
    ) async throws -> T {
        let database = try Database(path: path, migrations: Engine.migrations)
        defer { database.close() }
        return try await withEngine(in: database, options: EngineOptions(), body)
    }

    func withEngine<T: Sendable>(
        in database: Database, options: EngineOptions, _ body: @Sendable (Engine) async throws -> T
    ) async throws -> T {
        let client = mesh.client(as: "orchestrator")
        let engine = Engine(
            database: database,
            workflows: [
                RefineWorkflow(mesh: client, live: live, desk: desk),
                RefineWorkflow1(mesh: client, live: live),
            ], options: options)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await engine.run() }
            defer { group.cancelAll() }
            return try await body(engine)
        }
    }

    // MARK: What is asked of the agents

    /// A writer and a critic, and what they answer: the script sees the role and the round.
    func script(
        _ answer: @escaping @Sendable (_ agent: String, _ round: Int) -> FakeProviders.Script
    ) {
        providers.answer { request, _ in answer(request.agent, Rig.round(of: request)) }
    }

    static func round(of request: Providers.Generate) -> Int {
        let text = request.messages.first?.content ?? ""
        guard let mark = text.firstRange(of: "Round: ") else { return 0 }
        return Int(text[mark.upperBound...].prefix { $0.isNumber }) ?? 0
    }

    static let pair: [(String, Role)] = [("Writer", .writer), ("Critic", .critic)]

    static func agents(_ roles: [(String, Role)] = pair) -> [Agent] {
        roles.map { Agent(name: $0.0, role: $0.1, model: "m", instructions: "") }
    }

    static func plan(
        rounds: Int = 2, threshold: Double? = nil, parallel: Bool = false,
        roles: [(String, Role)] = pair, plateau: Plateau? = nil
    ) -> SessionPlan {
        SessionPlan(
            title: "Title", agents: agents(roles), maxRounds: rounds, scoreThreshold: threshold,
            parallelCritique: parallel, plateau: plateau)
    }

    static func input(
        rounds: Int = 2, threshold: Double? = nil, parallel: Bool = false,
        roles: [(String, Role)] = pair, plateau: Plateau? = nil, draft: String = "A draft.",
        references: [Material] = []
    ) -> SessionInput {
        SessionInput(
            user: user,
            plan: plan(
                rounds: rounds, threshold: threshold, parallel: parallel, roles: roles,
                plateau: plateau), draft: draft, references: references)
    }

    /// A session of a template with these steps.
    static func input(
        steps: [TemplateStep], roles: [(String, Role)] = pair, draft: String = "A draft.",
        locks: [String] = []
    ) -> SessionInput {
        let template = Template(
            name: "Own", agents: agents(roles), criteria: Criterion.standard, steps: steps)
        #expect(TemplateRules.errors(in: template) == [])
        return SessionInput(
            user: user, title: "Title", template: template, source: .init(id: nil, name: "Own"),
            draft: draft, locks: locks)
    }

    static func review(_ score: Double) -> FakeProviders.Script {
        FakeProviders.Script(["Well. ", "```json\n{\"score\": \(score)}\n```"])
    }
}

extension Engine {
    /// Starts a session and waits for its end.
    func complete(_ input: SessionInput, id: String = "run_1") async throws -> Status {
        try await start(RefineWorkflow.self, input, id: id)
        return try await end(of: id)
    }

    /// Waits until the run is final.
    @discardableResult
    func end(of id: String) async throws -> Status { try await until(id) { $0.isFinal } }

    @discardableResult
    func until(_ id: String, _ holds: (RunState) -> Bool) async throws -> Status {
        _ = try await soon {
            try await status(id).map { holds($0.state) } ?? false
        }
        let found = try #require(try await status(id))
        #expect(holds(found.state), "it is \(found.state): \(found.reason ?? "")")
        return found
    }

    /// The kinds of all events, checked to be numbered from 1 without gaps.
    func kinds(_ id: String = "run_1") async throws -> [String] {
        let events = try await events(id, after: 0)
        #expect(events.map(\.seq) == events.indices.map { Int64($0 + 1) })
        return events.map(\.kind)
    }

    /// The session as its journal tells it.
    func state(_ input: SessionInput, _ id: String = "run_1") async throws -> SessionState {
        SessionState(input, try await outcomes(id).compactMap { try SessionRow($0) })
    }

    func turns(_ id: String = "run_1") async throws -> [TurnResult] {
        try await outcomes(id).filter { $0.path.hasSuffix(".answer") }
            .map { try $0.decode(TurnResult.self) }
    }
}

/// A database file of its own for each test, removed with the value.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/write-tests-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }  // litter is no failure

    var file: String { path + "/runs.db" }
}

/// A value that a test shares with its scripts.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var now: Value { value.withLock { $0 } }

    @discardableResult
    func change<T: Sendable>(_ body: @Sendable (inout Value) -> T) -> T {
        value.withLock { body(&$0) }
    }
}
