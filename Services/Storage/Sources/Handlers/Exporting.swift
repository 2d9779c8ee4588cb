import Contracts
import Mesh
import MeshContract
import Zip

extension StorageNode {
    func export(_ request: Storage.Export, _ call: Call) async throws -> Storage.Exported {
        let format = try ExportFormat(named: request.format)
        let artifact = try await artifacts.artifact(request.id)
        guard artifact.bytes <= Storage.maxDocumentBytes else {
            throw Fault(.capped, "a document of \(artifact.bytes) bytes is not exported")
        }
        let source = ExportFormat.Source(
            stem: ExportFormat.stem(artifact.name), content: try await content(of: artifact),
            title: request.title, preview: request.preview, author: artifact.author,
            modified: artifact.createdAt)
        return try await blobs.aside { try format.write(source) }
    }

    func render(_ request: Storage.Render, _ call: Call) async throws -> Storage.Exported {
        let format = try ExportFormat(named: request.format)
        guard request.content.count <= Storage.maxDocumentBytes else {
            throw Fault.refusing(
                "/content", "has more than \(Storage.maxDocumentBytes) bytes")
        }
        if let fault = DocumentName.fault(request.name) { throw Fault.refusing("/name", fault) }
        let source = ExportFormat.Source(
            stem: request.name, content: request.content, title: request.title,
            preview: request.preview,
            author: request.author, modified: request.modifiedAt)
        return try await blobs.aside { try format.write(source) }
    }

    /// All of an artifact, which must be known to be small enough.
    func content(of artifact: Storage.Artifact) async throws -> [UInt8] {
        let identity = try await artifacts.identity(of: artifact)
        var content: [UInt8] = []
        content.reserveCapacity(artifact.bytes)
        while content.count < artifact.bytes {
            let part = content.count..<min(content.count + PieceRange.maxBytes, artifact.bytes)
            content += try await blobs.read(identity, PieceRange(part, of: artifact.bytes))
        }
        return content
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
