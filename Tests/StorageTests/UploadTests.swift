import Contracts
import Crypto
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import StorageService

@Suite("Uploads")
struct UploadTests {
    let rig: Rig

    init() async throws { rig = try await Rig() }

    private func begin(
        _ key: String = "k", bytes: Int? = nil, owner: String = "ada", name: String = "big.bin"
    ) async throws -> Storage.Upload {
        try await rig.client.call(
            Storage.BeginUpload(
                owner: owner, run: "run_1", name: name, contentType: "a/b", bytes: bytes,
                author: "user:ada", key: key))
    }

    private func append(
        _ upload: Storage.Upload, _ offset: Int, _ content: [UInt8], owner: String = "ada"
    ) async throws -> Storage.Upload {
        try await rig.client.call(
            Storage.AppendUpload(id: upload.id, owner: owner, offset: offset, content: content))
    }

    private func finish(_ key: String = "k", sha256: String? = nil) async throws
        -> Storage.Artifact
    {
        try await rig.client.call(
            Storage.FinishUpload(key: key, owner: "ada", sha256: sha256), within: .seconds(30))
    }

    @Test("pieces become one content, whatever its length", arguments: [0, 1, 1 << 20, 17_500_001])
    func whole(bytes: Int) async throws {
        let content = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 131 >> 3) }
        let upload = try await begin(bytes: bytes)
        for from in stride(from: 0, to: bytes, by: 1 << 20) {
            let end = min(from + 1 << 20, bytes)
            let state = try await append(upload, from, Array(content[from..<end]))
            #expect(state.received == end)
        }
        let artifact = try await finish(sha256: SHA256.hex(content))
        #expect(artifact.bytes == bytes)
        #expect(artifact.sha256 == SHA256.hex(content))
        #expect(artifact.author == "user:ada")
        let offset = max(0, bytes - 100)
        let end = try await rig.read(artifact.id, offset, 1_000)
        #expect(end.content == Array(content[offset...]))
        #expect(try await rig.node.blobs.drafts.all().isEmpty)
    }

    @Test("nobody sees it before its end, and a sweep leaves it alone")
    func invisible() async throws {
        let upload = try await begin()
        _ = try await append(upload, 0, Array("half".utf8))
        let list = try await rig.client.call(Storage.ListArtifacts(run: "run_1", limit: 10))
        #expect(list.artifacts.isEmpty)
        #expect(try await rig.contents() == 0)
        _ = try await rig.node.sweep.once()
        let state = try await rig.client.call(Storage.FindUpload(id: upload.id, owner: "ada"))
        #expect(state.received == 4)
    }

    @Test("an upload goes on where it was, and pieces that came twice do no harm")
    func resume() async throws {
        let upload = try await begin()
        _ = try await append(upload, 0, Array("0123".utf8))
        #expect(try await begin().id == upload.id)
        #expect(try await begin().received == 4)
        #expect(try await append(upload, 0, Array("0123".utf8)).received == 4)
        #expect(try await append(upload, 2, Array("2345".utf8)).received == 6)
        let gap = await fault { _ = try await append(upload, 7, [1]) }
        #expect(gap?.code == .conflict)
        let artifact = try await finish()
        #expect(try await rig.read(artifact.id, 0, 10).content == Array("012345".utf8))
        #expect(try await finish() == artifact)
        #expect(try await begin().artifact == artifact)
    }

    @Test("another content than announced is refused and not kept")
    func announced() async throws {
        let upload = try await begin(bytes: 4)
        let long = await fault { _ = try await append(upload, 0, Array("01234".utf8)) }
        #expect(long?.code == .invalid)
        _ = try await append(upload, 0, Array("01".utf8))
        #expect(await fault { _ = try await finish() }?.code == .conflict)
        _ = try await append(upload, 2, Array("23".utf8))
        let other = await fault { _ = try await finish(sha256: SHA256.hex([1])) }
        #expect(other?.fields?.first?.pointer == "/sha256")
        #expect(try await rig.contents() == 0)
        #expect(try await finish().bytes == 4)
    }

    @Test("an upload is its owner's, and its key's")
    func owners() async throws {
        let upload = try await begin()
        let stranger = await fault { _ = try await append(upload, 0, [1], owner: "eve") }
        #expect(stranger?.code == .notFound)
        let other = await fault { _ = try await begin(name: "other") }
        #expect(other?.code == .conflict)
    }

    @Test("an upload that was finished takes no more")
    func over() async throws {
        let upload = try await begin()
        _ = try await append(upload, 0, [1, 2])
        _ = try await finish()
        #expect(await fault { _ = try await append(upload, 2, [3]) }?.code == .notFound)
    }

    @Test("what is remembered is bounded, and what is forgotten is asked for again")
    func remembered() {
        let values = Remembered<[Int]>(most: 5) { $0.count }
        values.keep([1, 2], under: "a")
        values.keep([1, 2], under: "a")
        values.keep([3, 4, 5], under: "b")
        #expect(values.find("a") == [1, 2] && values.find("b") == [3, 4, 5])
        values.keep([6], under: "c")
        #expect(values.find("a") == nil && values.find("b") != nil && values.find("c") != nil)
        values.forget("b")
        values.keep([7, 8, 9], under: "d")
        #expect(values.find("b") == nil && values.find("c") != nil && values.find("d") != nil)
        values.forgetAll()
        #expect(values.find("d") == nil)
    }

    @Test("a cancelled upload is gone, and cancelling it again is as well")
    func cancel() async throws {
        let upload = try await begin()
        for _ in 1...2 {
            _ = try await rig.client.call(Storage.CancelUpload(id: upload.id, owner: "ada"))
        }
        #expect(await fault { _ = try await append(upload, 0, [1]) }?.code == .notFound)
        #expect(try await rig.node.blobs.drafts.all().isEmpty)
    }

    @Test("an upload that nobody touches for a week is given up")
    func abandoned() async throws {
        let upload = try await begin()
        rig.mesh.clock.advance(by: .seconds(8 * 86_400))
        _ = try await rig.node.sweep.once()
        #expect(await fault { _ = try await append(upload, 0, [1]) }?.code == .notFound)
    }

    @Test("where the disk has no room, it says so, and nothing is lost")
    func fullDisk() async throws {
        let kept = try await rig.put("kept")
        let full = try await Rig(environment: ["STORAGE_RESERVE_BYTES": "\(1 << 44)"])
        let fault = await fault {
            _ = try await full.client.call(
                Storage.BeginUpload(
                    owner: "ada", run: nil, name: "n", contentType: "a/b", key: "k"))
        }
        #expect(fault?.code == .unavailable)
        #expect(fault?.message.contains("disk is full") == true)
        #expect(try await rig.read(kept.id, 0, 10).content == Array("kept".utf8))
    }
}
