import Lifecycle
import Contracts
import Database
import EventLoop
import Lifecycle
import Log
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import ProvidersService

/// A providers service and a caller; a second one can be started on the same file.
final class Rig: Sendable {
    /// No provider but the built-in one, and that without a pace.
    static let offline = ["OLLAMA_URL": "off", "ATELIER_OFFLINE_PACE_US": "0"]

    let test: TestMesh
    let node: ProvidersNode
    let mesh: MeshClient

    init(
        _ environment: [String: String] = Rig.offline, on test: TestMesh? = nil
    ) async throws {
        let test = try test ?? TestMesh()
        self.test = test
        node = try await test.start(ProvidersNode.self, environment: environment)
        mesh = test.client(as: "orchestrator")
    }

    /// Reads an answer to its end.
    static func read(
        _ info: Providers.StreamInfo, over mesh: MeshClient, from start: Int = 0
    ) async throws -> (text: String, completion: Providers.Completion) {
        var text = ""
        var offset = start
        while true {
            let piece = try await mesh.call(
                Providers.ReadStream(
                    key: info.key, attempt: info.attempt, offset: offset, waitMilliseconds: 5_000))
            text += piece.text
            offset = piece.nextOffset
            if let completion = piece.completion { return (text, completion) }
        }
    }

    func read(_ info: Providers.StreamInfo) async throws -> (
        text: String, completion: Providers.Completion
    ) {
        try await Rig.read(info, over: mesh)
    }

    /// Begins an answer, reads it, and returns the fault in which it ended.
    func fault(_ request: Providers.Generate) async throws -> Fault? {
        do {
            _ = try await read(try await mesh.call(request))
            return nil
        } catch let fault as Fault {
            return fault
        }
    }
}

/// Another service in place of one that was killed: the same file, nothing else in common.
final class SecondLife: Sendable {
    let mesh: MeshClient
    private let test: TestMesh
    private let database: Database
    private let tasks: [Task<Void, any Error>]

    init(after rig: Rig) async throws {
        test = rig.test
        database = try Database(
            path: rig.node.store.database.path, migrations: ProvidersNode.migrations)
        let kit = try test.kit(for: ProvidersNode.self, environment: Rig.offline)
        let node = try await ProvidersNode(
            NodeKit(
                database: database, mesh: kit.mesh, publisher: kit.publisher,
                directory: kit.directory, loop: kit.loop, settings: kit.settings, data: kit.data,
                ambient: kit.ambient, log: kit.log))
        let loopback = Loopback()
        loopback.add(MeshServer(node.routes, log: kit.log))
        mesh = MeshClient(loopback, as: "orchestrator")
        tasks = node.jobs.map { job in Task { try await job.start() } }
    }

    deinit {
        for task in tasks { task.cancel() }
        database.close()
    }
}

/// A request with what a test does not care about filled in.
func request(
    _ key: String, _ prompt: String = "Hello there.", provider: String? = nil,
    model: String? = nil, run: String = "run_1"
) -> Providers.Generate {
    Providers.Generate(
        key: key, user: "user_1", run: run, agent: "writer", provider: provider, model: model,
        system: "You are the writer.", messages: [.init(role: "user", content: prompt)],
        maxTokens: 1_000)
}

/// A prompt as the Write studio writes it; the answer has the document's characters in it.
func revision(of document: String) -> String {
    """
    Task: revise the document.
    Title: Test
    Round: 1
    <<<DOCUMENT 7f: draft>>>
    \(document)
    <<<END DOCUMENT 7f>>>
    """
}

extension Fault.Code {
    static let cancelled = Fault.Code(rawValue: "cancelled")
}

/// Expects a fault with this code.
func expectFault<T>(
    _ code: Fault.Code, at location: SourceLocation = #_sourceLocation,
    _ body: () async throws -> T
) async {
    do {
        _ = try await body()
        Issue.record("there was no fault", sourceLocation: location)
    } catch {
        #expect((error as? Fault)?.code == code, "\(error)", sourceLocation: location)
    }
}
