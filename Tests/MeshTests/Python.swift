import FoundationEssentials
import Glibc
import Testing

/// Runs `Tests/Conformance/mesh_interop.py`. The interpreter is `ATELIER_PYTHON`, or `python3`.
enum Python {
    /// Asked on a thread of its own, for it blocks.
    @Sendable static func hasPynng() async -> Bool {
        let asked = try? await onThread {
            try run(blocking: ["-c", "import pynng"], script: false)
        }
        return asked?.code == 0
    }

    /// The same of what signs calls.
    @Sendable static func canSign() async -> Bool {
        let asked = try? await onThread {
            try run(blocking: ["-c", "import pynng, cbor2, cryptography"], script: false)
        }
        return asked?.code == 0
    }

    static func run(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        try await onThread { try run(blocking: arguments, script: true) }
    }

    private static var script: String {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(folder)/Conformance/mesh_interop.py"
    }

    private static func run(
        blocking arguments: [String], script isScript: Bool
    ) throws -> (code: Int32, output: String) {
        let python = ProcessInfo.processInfo.environment["ATELIER_PYTHON"] ?? "python3"
        let words = ["/usr/bin/env", python] + (isScript ? [script] : []) + arguments
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
}
