import Contracts
import Crypto
import Mesh
import REST

/// Documents in other forms.
enum Exports {
    static let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    /// What was written, to be downloaded.
    static func answer(
        _ exported: Storage.Exported, to incoming: Incoming
    ) async throws -> Answer {
        let content = exported.content
        return try await Download(
            name: exported.name, contentType: exported.contentType, bytes: content.count,
            tag: SHA256.hex(content)
        ) { offset, length in
            Array(content[offset..<min(offset + length, content.count)])
        }.answer(to: incoming.request)
    }

    /// A session's document as it is now, in one of storage's forms.
    static func render(
        _ session: Orchestrator.Session, as format: String, named name: String,
        preview: String? = nil, over mesh: MeshClient
    ) async throws -> Storage.Exported {
        let run = session.run
        return try await mesh.call(
            Storage.Render(
                name: name, content: Array(session.document.utf8), format: format,
                title: run.title.isEmpty ? nil : run.title, preview: preview,
                modifiedAt: run.endedAt ?? run.startedAt ?? run.createdAt),
            within: .seconds(60))
    }

    /// A title as a file may be called: letters, digits, and blanks made lines.
    static func fileName(_ title: String) -> String {
        var name = ""
        for scalar in title.unicodeScalars.prefix(200) {
            if scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
                name.unicodeScalars.append(scalar)
            } else if let last = name.last, last != "-" {
                name += "-"
            }
            if name.utf8.count > 80 { break }
        }
        if name.last == "-" { name.removeLast() }
        return name.isEmpty ? "document" : name
    }
}

/// What changed between two versions, as the HTTP surface shows it.
struct ComparisonView: Codable, Sendable {
    var from: ArtifactView
    var to: ArtifactView
    var pieces: [Storage.Comparison.Piece]
    var unified: String
    var wordsAdded: Int
    var wordsRemoved: Int
    var coarse: Bool

    init(_ comparison: Storage.Comparison) {
        (from, to) = (ArtifactView(comparison.from), ArtifactView(comparison.to))
        (pieces, unified) = (comparison.pieces, comparison.unified)
        (wordsAdded, wordsRemoved) = (comparison.wordsAdded, comparison.wordsRemoved)
        coarse = comparison.isCoarse
    }
}
