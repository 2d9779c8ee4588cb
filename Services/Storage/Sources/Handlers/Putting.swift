import Contracts
import Mesh
import MeshContract

extension StorageNode {
    /// The content is kept before the row that names it: a crash between them leaves an orphan,
    /// which the sweep finds, and never a row without content.
    func put(_ request: Storage.PutDocument, _ call: Call) async throws -> Storage.Artifact {
        let naming = Naming(request)
        let isLarge = request.content.count > Storage.maxDocumentBytes
        try naming.check(
            isLarge
                ? [FieldFault("/content", "has more than \(Storage.maxDocumentBytes) bytes")] : [])
        let identity = try await blobs.identify(request.content)
        let submission = Submission(naming: naming, identity: identity)
        if let kept = try await artifacts.replay(of: submission) { return kept }
        return try await blobs.keep(request.content, as: identity) {
            try await artifacts.add(submission)
        }
    }

    func remove(_ request: Storage.RemoveArtifact, _ call: Call) async throws -> Done {
        guard try await artifacts.remove(request.id, owner: request.owner) else {
            throw Fault(.notFound, "no artifact \(request.id.prefix(64))")
        }
        return Done()
    }
}
