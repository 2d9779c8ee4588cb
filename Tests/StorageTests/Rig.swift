import Contracts
import Crypto
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit
import Testkit

@testable import StorageService

/// A storage service and a caller of it.
struct Rig {
    let mesh: TestMesh
    let node: StorageNode
    let client: MeshClient

    init(environment: [String: String] = [:]) async throws {
        mesh = try TestMesh()
        node = try await mesh.start(StorageNode.self, environment: environment, jobs: false)
        client = mesh.client(as: "orchestrator")
    }

    /// Puts a document whose key is of its own unless one is given.
    func put(
        _ text: String, name: String = "plan.md", run: String? = "run_1", owner: String = "ada",
        type: String = "text/markdown", key: String? = nil
    ) async throws -> Storage.Artifact {
        try await client.call(
            Storage.PutDocument(
                owner: owner, run: run, name: name, contentType: type, content: Array(text.utf8),
                key: key ?? timeOrderedID("key", at: 0)))
    }

    func read(_ id: String, _ offset: Int, _ length: Int) async throws -> Storage.Piece {
        try await client.call(Storage.ReadContent(id: id, offset: offset, length: length))
    }

    func path(of sha256: String) -> String {
        "\(mesh.data.path)/blobs/\(sha256.prefix(2))/\(sha256.dropFirst(2))"
    }

    func exists(_ sha256: String) -> Bool {
        FileManager.default.fileExists(atPath: path(of: sha256))
    }

    /// How many contents are kept.
    func contents() throws -> Int {
        let blobs = "\(mesh.data.path)/blobs"
        return try FileManager.default.contentsOfDirectory(atPath: blobs).reduce(0) { sum, folder in
            try sum + FileManager.default.contentsOfDirectory(atPath: "\(blobs)/\(folder)").count
        }
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
