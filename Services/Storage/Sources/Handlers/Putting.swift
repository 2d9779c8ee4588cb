import Contracts
import Mesh

extension StorageNode {
    /// The content is on disk before the row that names it: a crash between them leaves an orphan,
    /// which the sweep finds, and never a row without content.
    func put(_ request: Storage.PutDocument, _ call: Call) async throws -> Storage.Artifact {
        try Submission.check(request)
        do {
            let hash = try await blobs.hash(of: request.content)
            let submission = Submission(request, hash: hash)
            if let kept = try await artifacts.replay(of: submission) { return kept }
            try await blobs.keep(request.content, as: hash)
            return try await artifacts.add(submission)
        } catch BlobError.overloaded {
            throw BlobError.overloaded.overload
        }
    }
}
