import FoundationEssentials
import Glibc
import Mesh
import MeshContract
import ServiceKit
import Testing

@Suite("The data folder")
struct DataFolderTests {
    @Test("it and its parts are private from the start")
    func modes() throws {
        let scratch = Scratch()
        _ = try scratch.data()
        for part in ["", "/run", "/keys", "/config", "/logs"] {
            #expect(scratch.mode(part) == 0o700, "\(part)")
        }
        // Made again, nothing is lost.
        try Data("A=1".utf8).write(to: URL(filePath: scratch.path + "/config/x.conf"))
        _ = try scratch.data()
        #expect(FileManager.default.fileExists(atPath: scratch.path + "/config/x.conf"))
    }

    @Test("a key is made once, kept, and private")
    func key() throws {
        let scratch = Scratch()
        let data = try scratch.data()
        let key = try data.key("jwt")
        #expect(key.count == 32)
        #expect(try data.key("jwt") == key)
        #expect(try DataFolder(scratch.path).key("jwt") == key)
        #expect(try data.key("other") != key)
        #expect(scratch.mode("/keys/jwt") == 0o600)
    }

    @Test("many who ask for a key at once get the same")
    func concurrently() async throws {
        for _ in 0..<20 {
            let scratch = Scratch()
            let data = try scratch.data()
            let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<8 { group.addTask { try data.key("jwt") } }
                return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(keys.count == 1)
            #expect(try data.key("jwt") == keys.first)
            let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/keys")
            #expect(files == ["jwt"], "no draft is left")
        }
    }

    @Test("a key file that is too short is refused, not replaced")
    func shortKey() throws {
        let scratch = Scratch()
        let data = try scratch.data()
        try Data("short".utf8).write(to: URL(filePath: scratch.path + "/keys/jwt"))
        #expect(throws: Fault.self) { try data.key("jwt") }
        #expect(try Data(contentsOf: URL(filePath: scratch.path + "/keys/jwt")).count == 5)
    }

    @Test("a file is written whole, in the place of the old one")
    func write() throws {
        let scratch = Scratch()
        _ = try scratch.data()
        let file = scratch.path + "/keys/note"
        try DataFolder.write(Array("one".utf8), to: file)
        try DataFolder.write(Array("two".utf8), to: file)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "two")
        try DataFolder.write(Array("three".utf8), to: file, replacing: false)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "two")
        #expect(scratch.mode("/keys/note") == 0o600)
        let fault = #expect(throws: Fault.self) {
            try DataFolder.write([1], to: scratch.path + "/nowhere/note")
        }
        #expect(fault?.code == .unavailable)
    }

    @Test("a folder that others may write, or that is a file, is refused")
    func strangers() throws {
        let scratch = Scratch()
        _ = try scratch.data()
        chmod(scratch.path + "/keys", 0o770)
        let fault = #expect(throws: Fault.self) { try scratch.data() }
        #expect(fault?.message.contains("chmod 700") == true)
        chmod(scratch.path + "/keys", 0o700)
        rmdir(scratch.path + "/run")
        try Data().write(to: URL(filePath: scratch.path + "/run"))
        #expect(throws: Fault.self) { try scratch.data() }
    }

    @Test("a path that leaves no room for a socket's name is refused")
    func longPath() {
        let fault = #expect(throws: Fault.self) {
            try DataFolder("/tmp/" + String(repeating: "x", count: 90))
        }
        #expect(fault?.code == .invalid)
    }

    @Test("services are found in the folder, unless the environment says otherwise")
    func directory() throws {
        let scratch = Scratch()
        let directory = try scratch.data().directory(
            [
                "ATELIER_MESH_BILLING": "tcp://10.0.0.1:7",
                "ATELIER_MESH_BILLING_EVENTS": "tcp://x:8", "ATELIER_MESH_STORAGE": "",
                "OTHER": "x",
            ], as: "gateway")
        #expect(directory.calls(to: "billing") == "tcp://10.0.0.1:7")
        #expect(directory.events(of: "billing") == "tcp://x:8")
        #expect(directory.calls(to: "storage") == "ipc://\(scratch.path)/run/storage.sock")
        #expect(directory.events(of: "storage") == "ipc://\(scratch.path)/run/storage.pub")
    }

    @Test("the carrier is our loop, or libnng by a setting, and nothing else")
    func carrier() throws {
        let data = try Scratch().data()
        #expect(try data.directory([:], as: "admin").carrier == .loop)
        #expect(try data.directory(["ATELIER_MESH_CARRIER": ""], as: "admin").carrier == .loop)
        #expect(try data.directory(["ATELIER_MESH_CARRIER": "loop"], as: "admin").carrier == .loop)
        #expect(try data.directory(["ATELIER_MESH_CARRIER": "nng"], as: "admin").carrier == .nng)
        let fault = #expect(throws: Fault.self) {
            try data.directory(["ATELIER_MESH_CARRIER": "pigeon"], as: "admin")
        }
        #expect(fault?.code == .invalid)
    }
}
