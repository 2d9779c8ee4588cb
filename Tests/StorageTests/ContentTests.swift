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

    @Test(
        "a missing, shortened or replaced file is an internal fault, not an answer",
        .enabled(if: !Rig.isRemote))
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

    @Test("putting a damaged content again mends it", .enabled(if: !Rig.isRemote))
    func mend() async throws {
        let artifact = try await rig.put("0123456789")
        try Data("012".utf8).write(to: URL(filePath: rig.path(of: artifact.sha256)))
        _ = try await rig.put("0123456789")
        #expect(try await rig.read(artifact.id, 0, 10).content == Array("0123456789".utf8))
    }

    @Test("a changed byte is noticed, in a small content and in a piece of a large one")
    func flipped() async throws {
        let large = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let artifact = try await rig.client.call(
            Storage.PutDocument(
                owner: "ada", run: nil, name: "large", contentType: "a/b", content: large,
                key: "k"))
        try await rig.overwrite(artifact.sha256, at: 1_500_000)
        #expect(try await rig.read(artifact.id, 0, 10).content == Array(large[..<10]))
        let across = await fault { _ = try await rig.read(artifact.id, 1_048_000, 1_000) }
        #expect(across?.code == .internal)
        #expect(try await rig.read(artifact.id, 2_200_000, 5).content.count == 5)
        let small = try await rig.put("0123456789")
        try await rig.overwrite(small.sha256, at: 3)
        #expect(await fault { _ = try await rig.read(small.id, 0, 2) }?.code == .internal)
    }

    @Test("a sweep removes what nobody names, drafts without an upload too")
    func sweep() async throws {
        let kept = try await rig.put("named")
        let orphan = try await rig.orphan("orphan")
        let draft = "\(rig.mesh.data.path)/blobs/drafts/abc"
        try Data("half".utf8).write(to: URL(filePath: draft))
        #expect(try await rig.node.sweep.once().removed == 1)
        #expect(!FileManager.default.fileExists(atPath: draft))
        #expect(try await !rig.exists(orphan))
        #expect(try await rig.exists(kept.sha256))
        #expect(try await rig.node.sweep.once().removed == 0)
    }

    @Test("a content that is about to be named is not swept away")
    func held() async throws {
        let content = Array("about to be".utf8)
        let identity = try await rig.node.blobs.identify(content)
        let swept = try await rig.node.blobs.keep(content, as: identity) {
            try await rig.node.sweep.once().removed
        }
        #expect(swept == 0)
        #expect(try await rig.exists(identity.hash.hex))
        #expect(try await rig.node.sweep.once().removed == 1)
    }

    @Test("contents put and forgotten while sweeps run are whole as long as they are named")
    func race() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask { [rig] in
                    for round in 0..<25 {
                        let artifact = try await rig.put(
                            "text \(round % 3)", name: "lane \(lane)")
                        let read = try await rig.read(artifact.id, 0, 100)
                        #expect(read.content == Array("text \(round % 3)".utf8))
                        _ = try await rig.client.call(
                            Storage.RemoveArtifact(id: artifact.id, owner: "ada"))
                    }
                }
            }
            group.addTask { [rig] in
                for _ in 0..<8 { _ = try await rig.node.sweep.once() }
            }
            try await group.waitForAll()
        }
        _ = try await rig.node.sweep.once()
        #expect(try await rig.client.call(Storage.GetUsage(owner: "ada")).bytes == 0)
        for number in 0..<3 {
            let isThere = try await rig.exists(BlobHash(of: Array("text \(number)".utf8)).hex)
            #expect(!isThere)
        }
    }

    @Test("verifying names what is missing or changed, and who is hurt")
    func verify() async throws {
        var artifacts: [Storage.Artifact] = []
        for text in ["whole", "shorter", "changed"] { artifacts.append(try await rig.put(text)) }
        let changed = artifacts[2].sha256
        try await rig.overwrite(changed, at: 1)
        let quick = try await rig.verify(isThorough: false)
        #expect(quick.faults.isEmpty)
        #expect(quick.checked == 3)
        let report = try await rig.verify(isThorough: true)
        #expect(report.faults.map(\.sha256) == [changed])
        #expect(report.faults.first?.artifacts == [artifacts[2].id])
        _ = try await rig.node.blobs.remove(BlobHash(artifacts[1].sha256)) { false }
        let again = try await rig.verify(isThorough: false)
        #expect(again.faults.map(\.sha256) == [artifacts[1].sha256])
    }
}
