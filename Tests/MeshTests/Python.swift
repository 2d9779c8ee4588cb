import FoundationEssentials
import Glibc
import Testing

/// Runs `Tests/Conformance/mesh_interop.py`. The interpreter is `ATELIER_PYTHON`, or `python3`.
enum Python {
    static let hasPynng =
        (try? run(blocking: ["-c", "import pynng"], script: false))?.code == 0

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
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
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
