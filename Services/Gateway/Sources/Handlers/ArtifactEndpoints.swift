import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// Artifacts: what a run has made, to be downloaded.
struct ArtifactEndpoints: Sendable {
    private static let piece = 1 << 20

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/runs/{id}/artifacts", "Lists what a run has made", list),
            .get("/artifacts/{id}", "Shows an artifact") { ArtifactView(try await find($0)) },
            Endpoint(
                "GET", "/artifacts/{id}/content", "Downloads an artifact", handler: download),
        ]
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<ArtifactView> {
        let (user, run) = (incoming.identity.user, incoming.parameter("id"))
        _ = try await mesh.call(Orchestrator.GetRun(user: user, id: run))  // not-found when not ours
        let list = try await mesh.call(Storage.ListArtifacts(run: run, limit: 200))
        return Page(items: list.artifacts.map(ArtifactView.init))
    }

    private func find(_ incoming: Incoming) async throws -> Storage.Artifact {
        let id = incoming.parameter("id")
        let artifact = try await mesh.call(Storage.GetArtifact(id: id))
        // Somebody else's is as good as absent.
        guard artifact.owner == incoming.identity.user || incoming.identity.role == "admin" else {
            throw Fault(.notFound, "no artifact \(id)")
        }
        return artifact
    }

    @Sendable private func download(_ incoming: Incoming) async throws -> Answer {
        let artifact = try await find(incoming)
        let tag = "\"\(artifact.sha256)\""
        if incoming.request.headers["if-none-match"] == tag { return .empty(304) }
        let first = try await read(artifact, from: 0)
        return .stream(
            headers: [
                ("Content-Type", artifact.contentType), ("ETag", tag),
                ("Content-Disposition", "attachment; filename=\"\(ascii(artifact.name))\""),
                // Whatever a document holds, a browser must not run it on our origin.
                ("Content-Security-Policy", "sandbox"),
            ]
        ) { writer in
            var piece = first
            var offset = 0
            while true {
                try await writer.write(piece.content)
                offset += piece.content.count
                guard offset < piece.total, !piece.content.isEmpty else { break }
                piece = try await read(artifact, from: offset)
            }
            try await writer.finish()
        }
    }

    private func read(_ artifact: Storage.Artifact, from offset: Int) async throws -> Storage.Piece {
        try await mesh.call(
            Storage.ReadContent(id: artifact.id, offset: offset, length: Self.piece))
    }

    /// A file name that fits a quoted header value.
    private func ascii(_ name: String) -> String {
        String(name.unicodeScalars.map { scalar in
            let isPlain = scalar.value >= 32 && scalar.value < 127 && !"\"\\/".unicodeScalars.contains(scalar)
            return isPlain ? Character(scalar) : "_"
        })
    }
}
