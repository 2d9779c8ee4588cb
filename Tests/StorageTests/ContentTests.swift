import Contracts
import Crypto
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import StorageService

@Suite("Contents")
struct ContentTests {
    let rig: Rig

    init() async throws { rig = try await Rig() }

    @Test("a content comes back in pieces, the last one short")
    func pieces() async throws {
        let artifact = try await rig.put("0123456789")
        #expect(try await rig.read(artifact.id, 0, 4).content == Array("0123".utf8))
        #expect(try await rig.read(artifact.id, 8, 4).content == Array("89".utf8))
        let end = try await rig.read(artifact.id, 10, 4)
        #expect(end == Storage.Piece(content: [], total: 10))
    }

    @Test("no piece is larger than a mebibyte, and together they are the content")
    func largePieces() async throws {
        let content = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let artifact = try await rig.client.call(
            Storage.PutDocument(
                owner: "ada", run: nil, name: "large", contentType: "a/b", content: content,
                key: "k"))
        var (read, sizes): ([UInt8], [Int]) = ([], [])
        while read.count < content.count {
            let piece = try await rig.read(artifact.id, read.count, .max)
            read += piece.content
            sizes.append(piece.content.count)
        }
        #expect(sizes == [1 << 20, 1 << 20, 2_500_000 - (2 << 20)])
        #expect(SHA256.hex(read) == artifact.sha256)
    }

    @Test("an empty document is a document")
    func empty() async throws {
        let artifact = try await rig.put("")
        #expect(artifact.bytes == 0)
        #expect(try await rig.read(artifact.id, 0, 1) == Storage.Piece(content: [], total: 0))
    }

    @Test(
        "what is outside of the content is refused",
        arguments: [(-1, 1), (11, 1), (Int.max, 1), (0, 0), (0, -5), (Int.min, Int.min)])
    func outside(offset: Int, length: Int) async throws {
        let artifact = try await rig.put("0123456789")
        let refused = await fault { _ = try await rig.read(artifact.id, offset, length) }
        #expect(refused?.code == .invalid)
    }

    @Test("a missing, shortened or replaced file is an internal fault, not an answer")
    func damage() async throws {
        let artifact = try await rig.put("0123456789")
        let path = rig.path(of: artifact.sha256)
        try Data("012".utf8).write(to: URL(filePath: path))
        #expect(await fault { _ = try await rig.read(artifact.id, 0, 2) }?.code == .internal)
        try FileManager.default.removeItem(atPath: path)
        #expect(await fault { _ = try await rig.read(artifact.id, 0, 2) }?.code == .internal)
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: "/etc/passwd")
        let link = await fault { _ = try await rig.read(artifact.id, 0, 2) }
        #expect(link?.code == .internal)
        #expect(link?.message.contains("/") == false)
    }

    @Test("putting a damaged content again mends it")
    func mend() async throws {
        let artifact = try await rig.put("0123456789")
        try Data("012".utf8).write(to: URL(filePath: rig.path(of: artifact.sha256)))
        _ = try await rig.put("0123456789")
        #expect(try await rig.read(artifact.id, 0, 10).content == Array("0123456789".utf8))
    }

    @Test("a start removes drafts and keeps contents")
    func drafts() async throws {
        let artifact = try await rig.put("kept")
        let draft = "\(rig.mesh.data.path)/blobs/drafts/abc"
        try Data("half".utf8).write(to: URL(filePath: draft))
        _ = try await StorageNode(rig.mesh.kit(for: StorageNode.self))
        #expect(!FileManager.default.fileExists(atPath: draft))
        #expect(rig.exists(artifact.sha256))
    }

    @Test("an orphan goes once it is an hour old; what has a name stays")
    func sweep() async throws {
        let kept = try await rig.put("named")
        let orphan = Array("orphan".utf8)
        let hash = BlobHash(of: orphan)
        try await rig.node.blobs.keep(orphan, as: hash)
        #expect(try await rig.node.sweep.once() == 0)
        rig.mesh.clock.advance(by: .seconds(3_601))
        #expect(try await rig.node.sweep.once() == 1)
        #expect(!rig.exists(hash.hex))
        #expect(rig.exists(kept.sha256))
    }

    @Test("an old orphan that is put again is young again")
    func renewed() async throws {
        let orphan = Array("orphan".utf8)
        let hash = BlobHash(of: orphan)
        try await rig.node.blobs.keep(orphan, as: hash)
        rig.mesh.clock.advance(by: .seconds(3_601))
        try await rig.node.blobs.keep(orphan, as: hash)
        #expect(try await rig.node.sweep.once() == 0)
        #expect(rig.exists(hash.hex))
    }

    @Test("file work beyond the queue is refused as overload")
    func overload() async {
        let queue = FileQueue(limit: 0)
        await #expect(throws: BlobError.overloaded) { try await queue.run { 1 } }
        #expect(BlobError.overloaded.overload.isTransient)
    }
}
