import Contracts
import Mesh
import MeshContract

extension StorageNode {
    private static let linkSeconds = 1...604_800

    func makeLink(_ request: Storage.MakeLink, _ call: Call) async throws -> Storage.Link {
        guard Self.linkSeconds.contains(request.seconds) else {
            throw Fault.refusing("/seconds", "is from 1 to 604800, which is a week")
        }
        try await own(request.artifact, request.owner)
        return try await links.add(
            artifact: request.artifact, owner: request.owner, seconds: request.seconds)
    }

    func openLink(_ request: Storage.OpenLink, _ call: Call) async throws -> Storage.Artifact {
        guard let artifact = try await links.open(request.token) else {
            throw Fault(.notFound, "no such link; it may have ended")
        }
        return artifact
    }

    func links(_ request: Storage.ListLinks, _ call: Call) async throws -> Storage.LinkList {
        try await own(request.artifact, request.owner)
        return Storage.LinkList(
            links: try await links.list(artifact: request.artifact, owner: request.owner))
    }

    func revoke(_ request: Storage.RevokeLink, _ call: Call) async throws -> Done {
        try await links.revoke(request.id, owner: request.owner)
        return Done()
    }

    /// Somebody else's artifact is as good as none.
    private func own(_ id: String, _ owner: String) async throws {
        guard try await artifacts.artifact(id).owner == owner else {
            throw Fault(.notFound, "no artifact \(id.prefix(64))")
        }
    }
}
