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
        // not-found when not ours
        _ = try await mesh.call(Orchestrator.GetRun(user: user, id: run))
        let list = try await mesh.call(Storage.ListArtifacts(run: run, limit: 200))
        return Page(items: list.artifacts.map(ArtifactView.init))
    }

    /// Somebody else's is as good as absent, down to the words.
    private func find(_ incoming: Incoming) async throws -> Storage.Artifact {
        let absent = Fault(.notFound, "no such artifact")
        do {
            let artifact = try await mesh.call(Storage.GetArtifact(id: incoming.parameter("id")))
            let identity = incoming.identity
            guard artifact.owner == identity.user || identity.role == "admin" else { throw absent }
            return artifact
        } catch let fault as Fault where fault.code == .notFound {
            throw absent
        }
    }

    @Sendable private func download(_ incoming: Incoming) async throws -> Answer {
        let artifact = try await find(incoming)
        let tag = "\"\(artifact.sha256)\""
        // It may be kept, and is asked about each time: the account may have lost it.
        let kept = [("ETag", tag), ("Cache-Control", "private, no-cache")]
        if Self.matches(tag, incoming.request.headers.all("if-none-match")) {
            return .bytes(304, headers: kept, [])
        }
        let first = try await read(artifact, from: 0)
        return .stream(
            headers: kept + [
                ("Content-Type", artifact.contentType), ("Content-Length", "\(first.total)"),
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
                guard offset < first.total else { break }
                piece = try await read(artifact, from: offset)
                guard !piece.content.isEmpty else {
                    throw Fault(.internal, "the content of \(artifact.id) ends at \(offset)")
                }
            }
            try await writer.finish()
        }
    }

    /// Weakly, as RFC 9110 (13.1.2) has it for a GET.
    private static func matches(_ tag: String, _ conditions: [String]) -> Bool {
        conditions.joined(separator: ",").split(separator: ",").contains { condition in
            let trimmed = condition.filter { $0 != " " && $0 != "\t" }
            return trimmed == "*" || trimmed == tag || trimmed == "W/" + tag
        }
    }

    private func read(_ artifact: Storage.Artifact, from offset: Int) async throws -> Storage.Piece
    {
        try await mesh.call(
            Storage.ReadContent(id: artifact.id, offset: offset, length: Self.piece))
    }

    /// A file name that fits a quoted header value.
    private func ascii(_ name: String) -> String {
        String(
            name.unicodeScalars.map { scalar in
                let isPlain =
                    scalar.value >= 32 && scalar.value < 127
                    && !"\"\\/".unicodeScalars.contains(scalar)
                return isPlain ? Character(scalar) : "_"
            })
    }
}
