import Contracts
import Log
import Mesh
import MeshContract

extension StorageNode {
    func get(_ request: Storage.GetArtifact, _ call: Call) async throws -> Storage.Artifact {
        try await artifacts.artifact(request.id)
    }

    func list(_ request: Storage.ListArtifacts, _ call: Call) async throws -> Storage.ArtifactList {
        guard (1...1_000).contains(request.limit) else {
            throw Fault.refusing("/limit", "is from 1 to 1000")
        }
        return Storage.ArtifactList(
            artifacts: try await artifacts.list(run: request.run, limit: request.limit))
    }

    func read(_ request: Storage.ReadContent, _ call: Call) async throws -> Storage.Piece {
        let artifact = try await artifacts.artifact(request.id)
        let range = try PieceRange(request, of: artifact.bytes)
        do throws(BlobError) {
            let content = try await blobs.read(
                BlobHash(artifact.sha256), of: artifact.bytes, from: range.offset,
                count: range.count)
            return Storage.Piece(content: content, total: artifact.bytes)
        } catch {
            throw error.fault(about: artifact, log: call.log)
        }
    }
}

extension BlobError {
    /// What the caller may know; the rest goes to the log.
    func fault(about artifact: Storage.Artifact, log: Log) -> Fault {
        if self == .overloaded { return overload }
        log.error(
            "a content cannot be read",
            ["artifact": artifact.id, "sha256": artifact.sha256, "error": description])
        return Fault(.internal, "the content of \(artifact.id) cannot be read")
    }
}
