import Contracts
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import SandboxService

/// A sandbox service and a caller of it.
struct Rig {
    let mesh: TestMesh
    let node: SandboxNode
    let client: MeshClient

    init(_ environment: [String: String] = [:]) async throws {
        mesh = try TestMesh()
        node = try await mesh.start(SandboxNode.self, environment: environment, jobs: false)
        client = mesh.client(as: "orchestrator")
    }

    /// Executes under a key of its own unless one is given.
    func run(
        _ command: [String], input: String? = nil, files: [Sandbox.File]? = nil, wall: Int? = 5_000,
        memory: Int? = nil, output: Int? = nil, key: String? = nil
    ) async throws -> Sandbox.Execution {
        try await client.call(
            Sandbox.Execute(
                command: command, input: input, files: files, wallMilliseconds: wall,
                memoryBytes: memory, outputBytes: output, key: key ?? timeOrderedID("key", at: 0)),
            within: .seconds(30))
    }

    func shell(
        _ script: String, wall: Int? = 5_000, memory: Int? = nil, output: Int? = nil,
        key: String? = nil
    ) async throws -> Sandbox.Execution {
        try await run(
            ["/bin/sh", "-c", script], wall: wall, memory: memory, output: output, key: key)
    }

    func python(_ code: String, memory: Int? = nil) async throws -> Sandbox.Execution {
        try await run(["/usr/bin/python3", "-c", code], memory: memory)
    }
}

/// Whether this machine can do what a test is about; found out once.
enum Machine {
    private static let layers = Task { try? await Rig().node.report }

    @Sendable static func isolates() async -> Bool {
        await layers.value.map { $0.strength != .none } ?? false
    }

    @Sendable static func filters() async -> Bool {
        await layers.value?.holding.contains(.systemCallFilter) ?? false
    }
}

extension Trait where Self == ConditionTrait {
    static var isolating: Self {
        .enabled("bubblewrap cannot isolate on this machine", Machine.isolates)
    }
}

/// The fault that `body` ends with; nil when it succeeds.
func fault(_ body: () async throws -> Void) async -> Fault? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Fault
    }
}
