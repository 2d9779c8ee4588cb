import FoundationEssentials
import Glibc
import MeshContract
import ServiceKit
import Testing

/// A folder that goes away with the test.
final class Scratch: Sendable {
    let path: String

    init() { path = "/tmp/kit-\(getpid())-\(UInt32.random(in: 0 ... .max))" }

    deinit { try? FileManager.default.removeItem(atPath: path) }  // litter is no failure

    func data() throws(Fault) -> DataFolder { try DataFolder(path) }

    func mode(_ name: String) -> mode_t {
        var status = stat()
        return lstat(path + name, &status) == 0 ? status.st_mode & 0o777 : 0
    }
}

@Suite("Settings")
struct SettingsTests {
    func load(_ file: String?, environment: [String: String] = [:]) throws -> Settings {
        let scratch = Scratch()
        let data = try scratch.data()
        if let file {
            try Data(file.utf8).write(to: URL(filePath: scratch.path + "/config/lab.conf"))
        }
        return try Settings.load(service: "lab", data: data, environment: environment)
    }

    @Test("the environment comes first, then the file, then the default")
    func order() throws {
        let settings = try load(
            """
            # a comment
            ONE = from the file

              TWO=2
            LIST = a, b ,,c
            EMPTY=
            """, environment: ["ONE": "from outside", "THREE": ""])
        #expect(settings.text("ONE") == "from outside")
        #expect(try settings.integer("TWO", default: 7, in: 1...9) == 2)
        #expect(try settings.integer("FOUR", default: 7, in: 1...9) == 7)
        #expect(settings.text("THREE") == nil && settings.text("EMPTY") == nil)
        #expect(settings.text("THREE", default: "d") == "d")
        #expect(settings.list("LIST") == ["a", "b", "c"])
        #expect(settings.list("NONE").isEmpty)
    }

    @Test("no file is no failure, and lines may end as on another system")
    func absent() throws {
        #expect(try load(nil).text("ONE") == nil)
        #expect(try load("ONE=1\r\nTWO=2\r\n").text("TWO") == "2")
    }

    @Test(
        "a line that is no setting, a secret and a name set twice are refused, with their place",
        arguments: [
            ("ONE", "lab.conf:1: a line is NAME=value"), ("A=1\n=x", "lab.conf:2: a line is"),
            ("API_KEY=sesame", "API_KEY is a secret"), ("db_password=sesame", "is a secret"),
            ("\n\nMY_TOKEN=sesame", "lab.conf:3: MY_TOKEN is a secret"),
            ("JWT_SECRET=sesame", "is a secret"), ("A=1\nA=2", "lab.conf:2: A is set twice"),
        ])
    func refusals(file: String, words: String) {
        let fault = #expect(throws: Fault.self) { try load(file) }
        #expect(fault?.code == .invalid)
        #expect(fault?.message.contains(words) == true, "\(fault?.message ?? "")")
        #expect(fault?.description.contains("sesame") == false, "a secret must not be told")
    }

    @Test("a file that is there and cannot be read is refused, not passed over")
    func unreadable() throws {
        let scratch = Scratch()
        let data = try scratch.data()
        let path = scratch.path + "/config/lab.conf"
        try Data([0x41, 0x3D, 0xFF, 0xFE]).write(to: URL(filePath: path))
        let notText = #expect(throws: Fault.self) {
            try Settings.load(service: "lab", data: data, environment: [:])
        }
        #expect(notText?.message.hasSuffix("is not UTF-8") == true)
        unlink(path)
        mkdir(path, 0o700)
        let folder = #expect(throws: Fault.self) {
            try Settings.load(service: "lab", data: data, environment: [:])
        }
        #expect(folder?.code == .unavailable)
    }

    @Test("a number out of its range, or none, is refused by its name")
    func numbers() {
        let settings = Settings(environment: ["N": "10", "M": "ten"])
        for name in ["N", "M"] {
            let fault = #expect(throws: Fault.self) {
                try settings.integer(name, default: 1, in: 1...9)
            }
            #expect(fault?.message == "\(name) takes a number from 1 to 9")
        }
    }
}
