import Contracts
import Mesh
import MeshContract
import TextDiff

extension StorageNode {
    /// Of each version. What is compared is held in memory, and both texts are in the reply.
    private static let mostCompared = 2 << 20
    /// Lines of both: each is held by itself.
    private static let mostLines = 200_000

    func compare(
        _ request: Storage.CompareVersions, _ call: Call
    ) async throws -> Storage.Comparison {
        let one = try await artifacts.artifact(request.id)
        let to = try await version(request.to ?? one.version, of: one, "/to")
        let from = try await version(request.from ?? max(to.version - 1, 1), of: one, "/from")
        let (old, new) = (try await text(of: from), try await text(of: to))
        return try await blobs.aside {
            let words = Diff.words(old, new, limit: .shown)
            let ends = old.utf8.count { $0 == 10 } + new.utf8.count { $0 == 10 }
            let lines = ends > Self.mostLines ? nil : Diff.lines(old, new, limit: .shown)
            return Storage.Comparison(
                from: from, to: to,
                pieces: words.pieces.map { .init(kind: $0.kind.rawValue, text: $0.text) },
                unified: lines?.unified(
                    from: "\(one.name) (version \(from.version))",
                    to: "\(one.name) (version \(to.version))") ?? "",
                wordsAdded: words.words(.added), wordsRemoved: words.words(.removed),
                isCoarse: words.isCoarse)
        }
    }

    private func version(
        _ number: Int, of one: Storage.Artifact, _ field: String
    ) async throws -> Storage.Artifact {
        if number == one.version { return one }
        guard let found = try await artifacts.version(number, of: one) else {
            throw Fault(
                .invalid, "the comparison was refused",
                fields: [FieldFault(field, "\(one.name) has no version \(number) that is kept")])
        }
        return found
    }

    private func text(of artifact: Storage.Artifact) async throws -> String {
        guard artifact.bytes <= Self.mostCompared else {
            throw Fault(
                .capped,
                "version \(artifact.version) has \(artifact.bytes) bytes: too many to compare",
                detail: "compared_bytes \(Self.mostCompared)")
        }
        guard let text = String(validating: try await content(of: artifact), as: UTF8.self) else {
            throw Fault(.invalid, "version \(artifact.version) is no text and cannot be compared")
        }
        return text
    }
}
