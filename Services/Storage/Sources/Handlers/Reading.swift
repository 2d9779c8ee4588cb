import Contracts
import Log
import Mesh
import MeshContract

extension StorageNode {
    private static let lists = 1...1_000

    func get(_ request: Storage.GetArtifact, _ call: Call) async throws -> Storage.Artifact {
        try await artifacts.artifact(request.id)
    }

    func list(_ request: Storage.ListArtifacts, _ call: Call) async throws -> Storage.ArtifactList {
        try Self.check(request.limit)
        return Storage.ArtifactList(
            artifacts: try await artifacts.list(run: request.run, limit: request.limit))
    }

    func versions(
        _ request: Storage.ListVersions, _ call: Call
    ) async throws -> Storage.ArtifactList {
        try Self.check(request.limit)
        let one = try await artifacts.artifact(request.id)
        let scope = one.run.map { "run:\($0)" } ?? "owner:\(one.owner)"
        return Storage.ArtifactList(
            artifacts: try await artifacts.versions(
                scope: scope, name: one.name, limit: request.limit))
    }

    func read(_ request: Storage.ReadContent, _ call: Call) async throws -> Storage.Piece {
        let artifact = try await artifacts.artifact(request.id)
        let range = try PieceRange(request, of: artifact.bytes)
        do {
            let content = try await blobs.read(artifacts.identity(of: artifact), range)
            return Storage.Piece(content: content, total: artifact.bytes)
        } catch let error as BlobError where error.fault.code == .internal {
            call.log.error(
                "a content cannot be read",
                ["artifact": artifact.id, "sha256": artifact.sha256, "error": "\(error)"])
            throw Fault(.internal, "the content of \(artifact.id) cannot be read")
        }
    }

    static func check(_ limit: Int) throws {
        guard lists.contains(limit) else { throw Fault.refusing("/limit", "is from 1 to 1000") }
    }
}
