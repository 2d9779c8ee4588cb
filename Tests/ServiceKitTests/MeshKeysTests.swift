import FoundationEssentials
import Glibc
import Mesh
import MeshContract
import ServiceKit
import Synchronization
import Testing

@Suite("Keys of the mesh")
struct MeshKeysTests {
    private let scratch = Scratch()
    private let clock = Clock()

    private func keys() throws -> MeshKeys {
        MeshKeys(try scratch.data()) { [clock] in clock.seconds.withLock { $0 * 1_000 } }
    }

    private func known(_ service: String) throws -> [KnownKey] {
        KeyRing(folder: try keys().folder).contents().keys[service] ?? []
    }

    @Test("a first key is made once, by whoever comes first, and is private")
    func ensure() async throws {
        let keys = try keys()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try keys.ensure("billing") } }
            try await group.waitForAll()
        }
        let first = try #require(try known("billing").first)
        #expect(try known("billing") == [first] && first.until == .always)
        #expect(try keys.signs("billing") == first.id)
        #expect(scratch.mode("/keys/mesh") == 0o700)
        #expect(scratch.mode("/keys/mesh/billing.key") == 0o600)
        // Its public half is written again where it was lost.
        unlink("\(keys.folder)/billing.pub")
        try keys.ensure("billing")
        #expect(try known("billing") == [first])
        for name in ["", "Billing", "a/b", "..", String(repeating: "a", count: 65)] {
            #expect(throws: Fault.self) { try keys.ensure(name) }
        }
    }

    @Test("a new key signs at once or later, and the old one counts for the overlap")
    func rotate() throws {
        let keys = try keys()
        let first = try keys.rotate("billing")
        let second = try keys.rotate("billing", overlap: 600)
        #expect(try keys.signs("billing") == second.id)
        #expect(try known("billing").map(\.until) == [.second(10_600), .always])
        // Known to others before it signs.
        let third = try keys.rotate("billing", delay: 3_600, overlap: 1_000)
        #expect(try keys.signs("billing") == second.id)
        #expect(
            try known("billing").map(\.until) == [.second(10_600), .second(14_600), .always])
        clock.seconds.withLock { $0 += 3_600 }
        #expect(try keys.signs("billing") == third.id)
        let fourth = try keys.rotate("billing")
        // What has ended is no longer kept.
        #expect(try known("billing").map(\.id) == [second.id, third.id, fourth.id])
        #expect(try !known("billing").contains { $0.id == first.id })
        let lines = try String(
            decoding: Data(contentsOf: URL(filePath: "\(keys.folder)/billing.key")), as: UTF8.self)
        #expect(!lines.contains(first.id) && !lines.contains(second.id), "old secrets are gone")
        #expect(throws: Fault.self) { try keys.rotate("billing", overlap: 599) }
    }

    @Test("another host's keys are taken over, and what is revoked stays revoked")
    func trust() throws {
        let keys = try keys()
        let (old, new) = (OwnKey(from: 0).known, OwnKey(from: 0).known)
        #expect(try keys.trust("storage", lines: ["# from host b", old.line]) == [old])
        #expect(try keys.signs("storage") == nil)
        var ending = old
        ending.until = .second(99_999)
        _ = try keys.trust("storage", lines: [ending.line, new.line])
        #expect(try known("storage") == [ending, new])
        try keys.revoke("storage", old.id)
        _ = try keys.trust("storage", lines: [ending.line, new.line])
        #expect(try known("storage").map(\.until) == [.revoked, .always])
        for lines in [[], ["nonsense"], [new.line, "nonsense"], [OwnKey(from: 0).line]] {
            #expect(throws: Fault.self) { try keys.trust("storage", lines: lines) }
        }
    }

    @Test("what a service signs with here cannot be revoked before it is replaced")
    func revoke() throws {
        let keys = try keys()
        let first = try keys.rotate("billing")
        #expect(throws: Fault.self) { try keys.revoke("billing", first.id) }
        #expect(throws: Fault.self) { try keys.revoke("billing", "0123456789abcdef") }
        let second = try keys.rotate("billing")
        try keys.revoke("billing", first.id)
        #expect(try known("billing").map(\.until) == [.revoked, .always])
        #expect(try keys.signs("billing") == second.id)
    }

    @Test("settings say what they lack, and on the network a name gets a key")
    func settings() throws {
        let data = try scratch.data()
        _ = try data.directory([:], as: "billing")
        #expect(access("\(data.path)/keys/mesh", F_OK) != 0, "nobody asks for keys on one machine")
        func fault(_ environment: [String: String]) -> String {
            do throws(Fault) {
                _ = try data.directory(environment, as: "billing")
                return ""
            } catch {
                return error.description
            }
        }
        #expect(fault(["ATELIER_MESH_STORAGE": "tcp://10.0.0.1:7"]) == "")
        #expect(try MeshKeys(data).signs("billing") != nil)
        #expect(fault(["ATELIER_MESH_TLS_CERT": "/x"]).contains("are set together"))
        let files = [
            "ATELIER_MESH_TLS_CERT": "/x", "ATELIER_MESH_TLS_KEY": "/y",
            "ATELIER_MESH_TLS_CA": "/z",
        ]
        #expect(fault(files).contains("/x: No such file"))
        #expect(
            fault(files.merging(["ATELIER_MESH_TLS_VERSION": "1.1"]) { $1 }).contains("1.3 or 1.2"))
    }
}

private final class Clock: Sendable {
    let seconds = Mutex<Int64>(10_000)
}
