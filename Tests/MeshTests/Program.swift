import Glibc
import Testing

/// Programs of others, run beside the tests.
enum Program {
    /// Runs one to its end, on a thread of its own; what it says on either output.
    static func run(_ words: [String]) async throws -> (code: Int32, output: String) {
        try await onThread { try runBlocking(words) }
    }

    static func runBlocking(_ words: [String]) throws -> (code: Int32, output: String) {
        let words = ["/usr/bin/env"] + words
        var ends: [Int32] = [0, 0]
        // Closed on exec from the first moment, unlike a pipe: what other tests start meanwhile,
        // and leave running, would keep its end open.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var child = pid_t()
        var raw = words.map { strdup($0) } + [nil]
        defer { for word in raw { free(word) } }
        let failure = posix_spawn(&child, words[0], &actions, nil, &raw, environ)
        close(ends[1])
        try #require(failure == 0)
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 {
            output += buffer[..<count]
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return (code, String(decoding: output, as: UTF8.self))
    }

    /// The folder of the tests in the sources.
    static var tests: String {
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    }
}

/// `Tests/Fixtures/mesh/peer.c`, built where a compiler and libnng's headers are.
final class CPeer: Sendable {
    @Sendable static func canBeBuilt() async -> Bool {
        let asked = try? await Program.run(["cc", "--version"])
        return asked?.code == 0
    }

    private let folder: String

    init() async throws {
        folder = try scratchFolder()
        let source = "\(Program.tests)/Fixtures/mesh/peer.c"
        let built = try await Program.run([
            "cc", "-O1", "-Wall", "-o", "\(folder)/peer", source, "-lnng",
        ])
        try #require(built.code == 0, "\(built.output)")
    }

    deinit { removeFolder(folder) }

    func run(_ words: String...) async throws -> (code: Int32, output: String) {
        try await Program.run(["\(folder)/peer"] + words)
    }
}
