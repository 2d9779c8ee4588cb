import Contracts
import Crypto
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import StorageService

@Suite("Documents")
struct DocumentTests {
    let rig: Rig

    init() async throws { rig = try await Rig() }

    @Test("a document is known by the SHA-256 of its content")
    func hash() async throws {
        let artifact = try await rig.put("abc")
        #expect(
            artifact.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(artifact.bytes == 3)
        #expect(artifact.id.hasPrefix("art_"))
        #expect(artifact.createdAt == rig.mesh.clock.now)
        #expect(try await rig.exists(artifact.sha256))
        #expect(try await rig.client.call(Storage.GetArtifact(id: artifact.id)) == artifact)
    }

    @Test("the same content is kept once, under any number of names")
    func dedupe() async throws {
        let one = try await rig.put("same", name: "one.txt")
        let two = try await rig.put("same", name: "two.txt", run: "run_2", owner: "bob")
        #expect(one.id != two.id)
        #expect(one.sha256 == two.sha256)
        #expect(try await rig.contents() == 1)
    }

    @Test("versions count from 1 within a run and name")
    func versions() async throws {
        #expect(try await rig.put("a").version == 1)
        #expect(try await rig.put("b").version == 2)
        #expect(try await rig.put("a").version == 3)
        #expect(try await rig.put("a", name: "other.md").version == 1)
        #expect(try await rig.put("a", run: "run_2").version == 1)
    }

    @Test("without a run, versions count within owner and name")
    func versionsOfOwner() async throws {
        #expect(try await rig.put("a", run: nil, owner: "ada").version == 1)
        #expect(try await rig.put("b", run: nil, owner: "ada").version == 2)
        #expect(try await rig.put("c", run: nil, owner: "bob").version == 1)
    }

    @Test("the same key answers with the same artifact")
    func replay() async throws {
        let first = try await rig.put("text", key: "k1")
        rig.mesh.clock.advance(by: .seconds(5))
        #expect(try await rig.put("text", key: "k1") == first)
        #expect(try await rig.put("text").version == 2)
    }

    @Test("the same key with another content, name or owner is a conflict")
    func conflict() async throws {
        let first = try await rig.put("text", key: "k1")
        let other = await fault { _ = try await rig.put("other", key: "k1") }
        #expect(other?.code == .conflict)
        let name = await fault { _ = try await rig.put("text", name: "b.md", key: "k1") }
        #expect(name?.code == .conflict)
        let owner = await fault { _ = try await rig.put("text", owner: "eve", key: "k1") }
        #expect(owner?.code == .conflict)
        #expect(try await rig.client.call(Storage.GetArtifact(id: first.id)) == first)
        #expect(try await rig.contents() == 1)
    }

    @Test("the artifacts of a run are listed oldest first, up to the limit")
    func list() async throws {
        var ids: [String] = []
        for number in 1...4 { ids.append(try await rig.put("\(number)", name: "n\(number)").id) }
        _ = try await rig.put("elsewhere", run: "run_2")
        let all = try await rig.client.call(Storage.ListArtifacts(run: "run_1", limit: 100))
        #expect(all.artifacts.map(\.id) == ids)
        let two = try await rig.client.call(Storage.ListArtifacts(run: "run_1", limit: 2))
        #expect(two.artifacts.map(\.id) == Array(ids.prefix(2)))
        let none = try await rig.client.call(Storage.ListArtifacts(run: "run_9", limit: 5))
        #expect(none.artifacts.isEmpty)
        let refused = await fault {
            _ = try await rig.client.call(Storage.ListArtifacts(run: "run_1", limit: 0))
        }
        #expect(refused?.fields?.first?.pointer == "/limit")
    }

    @Test("many at once under one name get every version once; under one key, one artifact")
    func concurrency() async throws {
        let (versions, ids) = try await withThrowingTaskGroup(
            of: (version: Int?, id: String?).self
        ) { group in
            for number in 1...20 {
                group.addTask { [rig] in (try await rig.put("text \(number % 3)").version, nil) }
                group.addTask { [rig] in
                    (nil, try await rig.put("keyed", name: "keyed", key: "one").id)
                }
            }
            var (versions, ids): (Set<Int>, Set<String>) = ([], [])
            for try await (version, id) in group {
                if let version { versions.insert(version) }
                if let id { ids.insert(id) }
            }
            return (versions, ids)
        }
        #expect(versions == Set(1...20))
        #expect(ids.count == 1)
        #expect(try await rig.contents() == 4)
    }

    @Test("a document tells its author and its versions, newest first")
    func authors() async throws {
        for author in ["agent:Writer", "user:ada"] {
            _ = try await rig.client.call(
                Storage.PutDocument(
                    owner: "ada", run: "run_1", name: "plan.md", contentType: "text/markdown",
                    content: Array(author.utf8), key: author, author: author))
        }
        let last = try await rig.put("third")
        let list = try await rig.client.call(Storage.ListVersions(id: last.id, limit: 10))
        #expect(list.artifacts.map(\.version) == [3, 2, 1])
        #expect(list.artifacts.map(\.author) == [nil, "user:ada", "agent:Writer"])
    }

    @Test("a forgotten version's number is not given again, and only its owner forgets")
    func forget() async throws {
        let first = try await rig.put("a")
        let second = try await rig.put("b")
        let stranger = await fault {
            _ = try await rig.client.call(Storage.RemoveArtifact(id: second.id, owner: "eve"))
        }
        #expect(stranger?.code == .notFound)
        _ = try await rig.client.call(Storage.RemoveArtifact(id: second.id, owner: "ada"))
        #expect(try await rig.put("c").version == 3)
        #expect(try await rig.client.call(Storage.GetArtifact(id: first.id)) == first)
    }

    @Test("an unknown artifact is not found, and analytics may not put")
    func refusals() async throws {
        let missing = await fault {
            _ = try await rig.client.call(Storage.GetArtifact(id: "art_none"))
        }
        #expect(missing?.code == .notFound)
        let stranger = rig.mesh.client(as: "analytics")
        let denied = await fault {
            _ = try await stranger.call(
                Storage.PutDocument(
                    owner: "a", run: nil, name: "n", contentType: "a/b", content: [], key: "k"))
        }
        #expect(denied?.code == .denied)
    }
}
