import BillingService
import Contracts
import Crypto
import Curl
import Fakes
import Lifecycle
import Mesh
import MeshContract
import ProvidersService
import ServiceKit
import StorageService
import Synchronization
import Testing
import Testkit
import Wire

@testable import GatewayService
@testable import OrchestratorService

/// A gateway on a port of its own, with real billing and orchestrator behind it.
final class Rig: Sendable {
    static let password = "correct horse battery"

    let mesh: TestMesh
    let gateway: GatewayNode
    let orchestrator: SwitchedOrchestrator
    let providers: FakeProviders
    let storage: FakeStorage
    let outside: FakeOutside
    let http: HTTPClient
    let url: String

    init(
        billing: Bool = true, realStorage: Bool = false, environment: [String: String] = [:],
        orchestrator settingsOfRuns: [String: String] = [:]
    ) async throws {
        mesh = try TestMesh()
        outside = try FakeOutside(on: mesh.loop)
        providers = try await mesh.start(FakeProviders.self)
        storage = try await mesh.start(FakeStorage.self)
        if realStorage { try await mesh.start(StorageNode.self, jobs: false) }
        orchestrator = try await mesh.start(
            SwitchedOrchestrator.self, environment: settingsOfRuns)
        if billing { try await mesh.start(BillingNode.self, jobs: false) }
        let settings = ["ATELIER_PORT": "0", "ATELIER_HTTP_LOOPS": "1"]
        let node = try await mesh.start(
            GatewayNode.self, environment: settings.merging(environment) { $1 })
        gateway = node
        #expect(await soon { node.port != nil })
        url = "http://127.0.0.1:\(try #require(node.port))"
        http = HTTPClient(on: mesh.loop)
        providers.answer { request, _ in
            request.agent == "Writer" ? .init(["Text by ", "the writer"]) : .init(["Score: 7/10"])
        }
    }

    var owner: String {
        get throws { try file("owner.token") }
    }

    // MARK: HTTP

    struct Answer: Sendable {
        var status: Int
        var headers: ResponseHeaders
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: WireValue { (try? WireValue(json: body)) ?? .null }
        var code: String? { json["code"]?.string }
        var pointers: [String] { json["errors"]?.list.compactMap { $0["pointer"]?.string } ?? [] }
    }

    @discardableResult
    func send(
        _ method: String, _ path: String, _ body: WireValue? = nil, as token: String? = nil,
        headers: [(String, String)] = [], bytes: [UInt8] = []
    ) async throws -> Answer {
        var request = ClientRequest(
            method: method, url: url + path, headers: headers, body: bytes,
            deadline: .seconds(20))
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        if let body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = try body.json
        }
        let response = try await http.send(request)
        return Answer(status: response.status, headers: response.headers, body: response.body)
    }

    /// Makes an account as registering does, but for the work of hashing its password.
    func user(_ name: String = "ada") async throws -> String {
        let accounts = gateway.accounts
        let account = AccountStore.Account(
            id: "usr_\(name)", email: "\(name)@example.org", name: name, role: "user",
            plan: "free", passwordHash: Self.hash, generation: 1,
            createdAt: accounts.ambient.now(), isBillingOpen: false)
        #expect(try await accounts.store.insert(account, atMost: 100))
        await gateway.opening.open(account)
        return try accounts.token(for: account)
    }

    static let hash = Password.hash(password)

    func logIn(_ email: String, password: String = password) async throws -> String {
        let answer = try await send(
            "POST", "/api/v1/auth/login", ["email": .text(email), "password": .text(password)])
        return try #require(answer.json["access_token"]?.string, "\(answer.text)")
    }

    /// Lets an account be signed in to at an issuer, as linking does.
    func link(_ subject: String, to id: String, at time: Int64 = 1) async throws {
        let accounts = gateway.accounts
        let account = try #require(try await accounts.store.find(id: id))
        let signIn = try await accounts.open(account, method: "password", by: .operator).signIn
        try await accounts.store.link(
            issuer: "https://issuer.example", subject: subject,
            by: .init(account: id, signIn: signIn), at: time,
            noting: accounts.audit.entry(.identityLink, by: .operator))
    }

    /// What a test did not expect of its own values.
    struct Odd: Error {}

    static func session(rounds: Int64 = 1) -> WireValue {
        [
            "title": "Title", "draft": "A draft.", "max_rounds": .integer(rounds),
            "agents": [
                ["name": "Writer", "role": "writer"], ["name": "Critic", "role": "critic"],
            ],
        ]
    }

    func makeSession(
        as token: String, rounds: Int64 = 1, headers: [(String, String)] = []
    ) async throws -> String {
        let answer = try await send(
            "POST", "/api/v1/sessions", Self.session(rounds: rounds), as: token, headers: headers)
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.json["id"]?.string)
    }

    /// Makes a session, starts it and waits for its end.
    func completeSession(as token: String, rounds: Int64 = 1) async throws -> String {
        let id = try await makeSession(as: token, rounds: rounds)
        try await send("POST", "/api/v1/sessions/\(id)/start", as: token)
        try await until(id, "completed", as: token)
        return id
    }

    func until(_ id: String, _ state: String, as token: String) async throws {
        let holds = try await soon {
            try await send("GET", "/api/v1/runs/\(id)", as: token).json["state"]?.string == state
        }
        #expect(holds)
    }

    func stream(
        _ id: String, as token: String, after: Int64? = nil, session: Bool = false
    ) async throws -> EventReader {
        var headers = [("Authorization", "Bearer \(token)")]
        if let after { headers.append(("Last-Event-ID", "\(after)")) }
        let group = session ? "sessions" : "runs"
        return EventReader(
            try await http.stream(
                ClientRequest(
                    url: "\(url)/api/v1/\(group)/\(id)/stream", headers: headers,
                    deadline: .seconds(30), maxBody: .max)))
    }
}

/// The orchestrator with a switch, so that a test can have it away.
struct SwitchedOrchestrator: ServiceNode {
    typealias Service = Orchestrator
    static let migrations = OrchestratorNode.migrations
    static let commands = OrchestratorNode.commands

    private final class Switch: Sendable {
        let fault = Mutex<Fault?>(nil)
        let follows = Mutex(0)
    }

    let node: OrchestratorNode
    private let control = Switch()

    init(_ kit: NodeKit) async throws { node = try await OrchestratorNode(kit) }

    /// Fails every call with this; nil ends it.
    func fail(_ fault: Fault?) { control.fault.withLock { $0 = fault } }

    /// Calls of `follow` in hand.
    var follows: Int { control.follows.withLock { $0 } }

    var jobs: [Running] { node.jobs }

    var routes: Routes {
        Routes(
            partOf: Orchestrator.contract, pass(node.createSession), pass(node.startSession),
            pass(node.session), pass(node.presets), pass(node.runs), pass(node.run),
            pass(node.events), follow, pass(node.pause), pass(node.resume), pass(node.cancel),
            pass(node.stats), pass(node.gates), pass(node.decide), pass(node.continueSession),
            pass(node.editDocument), pass(node.lockPassages), pass(node.suggestions),
            pass(node.decideSuggestion), pass(node.diff), pass(node.listTemplates),
            pass(node.getTemplate), pass(node.putTemplate), pass(node.checkTemplate),
            pass(node.deleteTemplate), pass(node.retry), pass(node.fork),
            pass(node.steps), pass(node.limit), pass(node.createSchedule),
            pass(node.listSchedules), pass(node.schedule), pass(node.changeSchedule),
            pass(node.deleteSchedule), pass(node.createWebhook), pass(node.listWebhooks),
            pass(node.webhook), pass(node.changeWebhook), pass(node.deleteWebhook),
            pass(node.deliveries), pass(node.repeatDelivery), pass(node.estimate),
            pass(node.addComment), pass(node.listComments),
            pass(node.locate), pass(node.dissolve), pass(node.release), pass(node.environment),
            pass(node.noteworthy))
    }

    private func pass<Request: Sendable, Answer: Sendable>(
        _ handler: @escaping @Sendable (Request, Call) async throws -> Answer
    ) -> @Sendable (Request, Call) async throws -> Answer {
        { request, call in
            if let fault = control.fault.withLock({ $0 }) { throw fault }
            return try await handler(request, call)
        }
    }

    @Sendable private func follow(
        _ request: Orchestrator.Follow, _ call: Call
    ) async throws -> Orchestrator.News {
        control.follows.withLock { $0 += 1 }
        defer { control.follows.withLock { $0 -= 1 } }
        return try await pass(node.follow)(request, call)
    }
}

extension Rig {
    /// Real providers in place of the scripted ones; `more` says what is set up.
    func startProviders(_ more: [String: String]) async throws {
        try await mesh.start(
            ProvidersNode.self, environment: ["OLLAMA_URL": "off"].merging(more) { $1 })
    }

    func startBilling() async throws { try await mesh.start(BillingNode.self, jobs: false) }
}
