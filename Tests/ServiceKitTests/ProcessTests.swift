import EventLoop
import FoundationEssentials
import Glibc
import Log
import Mesh
import MeshContract
import ServiceKit
import Testing

/// A service as a process: how it starts, what it says and how it ends.
@Suite("A service's process", .timeLimit(.minutes(1)))
struct ProcessTests {
    @Test("told to end, it answers what it has in hand and ends with success")
    func terminated() async throws {
        let scratch = Scratch()
        let service = try Child("atelier-billing", ["serve", "--data", scratch.path])
        let loop = EventLoop()
        defer { loop.stop() }
        let transport = SocketTransport(MeshDirectory(folder: scratch.path + "/run"), on: loop)
        defer { transport.close() }
        let mesh = MeshClient(transport, as: "test")
        #expect(await mesh.ping("billing", within: .seconds(30)))
        service.signal(SIGTERM)
        let (code, output) = try await service.end()
        #expect(code == 0)
        #expect(output.contains("billing: serving") && output.contains("billing: stopped"))
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/billing.db-wal"))
    }

    @Test(
        "each way to get it wrong has its exit code and a sentence",
        arguments: [
            (["fly"], 2, "no command fly"), (["serve", "--dat", "x"], 2, "--dat is not known"),
            (["serve", "--data"], 2, "--data needs a value"), (["call"], 2, "call which method?"),
            (["describe", "--loud"], 2, "--loud is not known"),
            (["serve", "here"], 2, "is no flag"),
            (["call", "status", "--data", "$", "--account", "a"], 69, "billing is not running"),
            (["check", "--data", "/proc/nowhere"], 69, "make /proc/nowhere"),
            (["help"], 0, "usage: atelier-billing"), (["describe"], 0, "ledger"),
            (["check", "--data", "$"], 0, "in order"),
            (["migrate", "--data", "$"], 0, "migrations"),
        ] as [([String], Int32, String)])
    func usage(arguments: [String], code: Int32, words: String) async throws {
        let scratch = Scratch()
        let given = arguments.map { $0 == "$" ? scratch.path : $0 }
        let (ended, output) = try await Child("atelier-billing", given).end()
        #expect(ended == code, "\(output)")
        #expect(output.contains(words), "\(output)")
    }
}

/// A process of ours, beside this one.
struct Child {
    private let process: pid_t
    private let output: Int32

    /// `settings` are added to this process's environment.
    init(_ program: String, _ arguments: [String], settings: [String: String] = [:]) throws {
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = here.prefix(upTo: here.lastIndex(of: "/") ?? here.startIndex)
        let words = ["\(folder)/\(program)"] + arguments
        var ends: [Int32] = [0, 0]
        // Closed on exec from the first moment, unlike a pipe: what other tests start meanwhile,
        // and leave running, would keep its end open.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var child = pid_t()
        var raw = words.map { strdup($0) } + [nil]
        defer { for word in raw { free(word) } }
        let inherited = ProcessInfo.processInfo.environment
        var environment =
            inherited.merging(settings) { $1 }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for setting in environment { free(setting) } }
        let failure = posix_spawn(&child, words[0], &actions, nil, &raw, &environment)
        close(ends[1])
        try #require(failure == 0, "\(words[0]): \(failure)")
        (process, output) = (child, ends[0])
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// Waits on a thread of its own, for both calls block.
    func end() async throws -> (code: Int32, output: String) {
        try await BlockingPool("child", threads: 1, queueLimit: 1).run { [process, output] in
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while case let count = read(output, &buffer, buffer.count), count > 0 {
                text += buffer[..<count]
            }
            close(output)
            var status: Int32 = 0
            waitpid(process, &status, 0)
            let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            return (code, String(decoding: text, as: UTF8.self))
        }
    }
}
