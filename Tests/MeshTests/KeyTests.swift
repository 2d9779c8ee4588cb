import Crypto
import EventLoop
import FoundationEssentials
import Glibc
import MeshContract
import SP
import Testing

@testable import Mesh

/// The keys behind names, and how they change while everything runs.
@Suite("Keys", .timeLimit(.minutes(1)))
struct KeyTests {
    @Test("a key is read back from its line, and a line that was changed is none")
    func lines() throws {
        let own = OwnKey(from: 17)
        #expect(OwnKey(line: own.line)?.line == own.line)
        for until in [KnownKey.Until.always, .second(1_800_000_000), .revoked] {
            var known = own.known
            known.until = until
            #expect(KnownKey(line: known.line) == known)
        }
        let words = own.known.line.split(separator: " ").map(String.init)
        let (id, key) = (words[1], words[2])
        let others: [String] = [
            "", "ed25519", "ed25519 0123456789abcdef \(key) always", "rsa \(id) \(key) always",
            "ed25519 \(id) \(key)", "ed25519 \(id) \(key) -5", "ed25519 \(id) \(key) soon",
            "ed25519 \(id) AAAA always", "ed25519 \(id) \(key) always more",
        ]
        for line in others { #expect(KnownKey(line: line) == nil, "\(line)") }
        #expect(OwnKey(line: own.known.line) == nil)
        #expect(!own.known.line.contains(own.line.split(separator: " ")[2]))
        #expect(own.known.counts(at: 0))
        #expect(KnownKey(own.known.bytes, until: .second(10))?.counts(at: 9_999) == true)
        #expect(KnownKey(own.known.bytes, until: .second(10))?.counts(at: 10_000) == false)
    }

    @Test("the ring believes what its folder says, and says what it cannot read")
    func ring() throws {
        let folder = try scratchFolder()
        defer { removeFolder(folder) }
        let keys = TestKeys(folder: folder)
        let ring = KeyRing(folder: folder, period: .zero)
        let key = try #require(keys.ensure("friend"))
        ring.refresh()
        #expect(ring.key(key.known.id, of: "friend", at: 0) == key.known.bytes)
        #expect(ring.key(key.known.id, of: "ally", at: 0) == nil)
        let edition = ring.current
        ring.refresh()
        #expect(ring.current == edition, "nothing has changed")
        // One bad line does not cost the others; a file that others may write costs all of its.
        let path = "\(folder)/friend.pub"
        try Data("# ours\nnonsense\n\(key.known.line)\n".utf8).write(to: URL(filePath: path))
        chmod(path, 0o600)
        #expect(ring.contents().troubles == ["\(path) has a line that is no key"])
        #expect(ring.key(key.known.id, of: "friend", at: 0) != nil)
        chmod(path, 0o666)
        try Data("\(key.known.line)\n\n".utf8).write(to: URL(filePath: path))
        chmod(path, 0o666)
        #expect(ring.contents().troubles == ["\(path) is open to others; chmod 600 it"])
        #expect(ring.key(key.known.id, of: "friend", at: 0) == nil)
        unlink(path)
        #expect(ring.contents().keys.isEmpty)
        #expect(KeyRing(folder: "/nowhere").contents().keys.isEmpty)
    }

    @Test("a key of one's own that others can read is not used")
    func privacy() throws {
        let folder = try scratchFolder()
        defer { removeFolder(folder) }
        let keys = TestKeys(folder: folder)
        keys.ensure("friend")
        let identity = keys.identity("friend")
        #expect(try identity.key().known == keys.ensure("friend")?.known)
        keys.write("friend", own: [OwnKey(from: 0)], known: [])
        chmod("\(folder)/friend.key", 0o640)
        #expect(throws: Fault.self) { try identity.key() }
        // The newest that counts already is the one that signs.
        let (past, now, future) = (OwnKey(from: 5), OwnKey(from: 10), OwnKey(from: 1 << 40))
        keys.write("friend", own: [past, future, now], known: [])
        #expect(try identity.key().known == now.known)
    }

    @Test("keys are changed under load, and no call is lost", arguments: Way.network)
    func rotation(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let client = rig.client(as: "friend")
        let isOver = Tally()
        let calls = Tally()
        let load = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        while isOver.count == 0 {
                            // Makes its calls once: one that is lost shows as a fault.
                            _ = try await client.call(Lab.Once(text: "x"))
                            calls.add()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        var old = try #require(rig.keys.ensure("friend"))
        for _ in 0..<5 {
            let new = OwnKey(from: 0)
            rig.keys.write("friend", own: [new], known: [old.known, new.known])
            // Introduced again with the new one, the connection needs the old one no longer.
            let before = rig.welcomed
            #expect(await eventually { rig.welcomed > before + 1 })
            rig.keys.write("friend", known: [new.known])
            await calls.reaches(calls.count + 50)
            old = new
        }
        isOver.add()
        try await load.value
        let stats = try await rig.client(as: "admin").stats(Lab.name)
        #expect(stats.turnedAway.isEmpty)
    }
}
