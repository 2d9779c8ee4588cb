import Contracts
import Documents
import Mesh
import MeshContract
import Zip

extension StorageNode {
    /// What a reply can carry.
    private static let mostExported = 12 << 20

    func export(_ request: Storage.Export, _ call: Call) async throws -> Storage.Exported {
        guard let format = ExportFormat(rawValue: request.format) else {
            let known = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Fault.refusing("/format", "is one of \(known)")
        }
        let artifact = try await artifacts.artifact(request.id)
        guard artifact.bytes <= Storage.maxDocumentBytes else {
            throw Fault(.capped, "a document of \(artifact.bytes) bytes is not exported")
        }
        let identity = try await artifacts.identity(of: artifact)
        var content: [UInt8] = []
        while content.count < artifact.bytes {
            let part = content.count..<min(content.count + PieceRange.maxBytes, artifact.bytes)
            content += try await blobs.read(identity, PieceRange(part, of: artifact.bytes))
        }
        let source = content
        let exported = try await blobs.aside {
            try format.write(source, of: artifact, as: request)
        }
        guard exported.content.count <= Self.mostExported else {
            throw Fault(.capped, "the document is too large to be exported as \(format.rawValue)")
        }
        return exported
    }

    func tree(_ request: Storage.GetTree, _ call: Call) async throws -> Storage.Tree {
        let plan = try await trees.plan(request.run)
        return Storage.Tree(
            bytes: plan.layout.count, files: plan.contents.count, tag: plan.tag)
    }

    func readTree(_ request: Storage.ReadTree, _ call: Call) async throws -> Storage.Piece {
        let plan = try await trees.plan(request.run, tag: request.tag)
        let total = plan.layout.count
        guard (0...total).contains(request.offset) else {
            throw Fault.refusing("/offset", "is from 0 to \(total)")
        }
        guard request.length > 0 else { throw Fault.refusing("/length", "is at least 1") }
        let count = min(request.length, PieceRange.maxBytes, total - request.offset)
        return Storage.Piece(
            content: try await trees.read(plan, request.offset..<request.offset + count),
            total: total)
    }
}
