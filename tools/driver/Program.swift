import Dispatch
import FoundationEssentials
import Glibc

/// A program run to its end.
public enum Program {
    public struct Result: Sendable {
        public let code: Int32
        /// Standard output and error together, the last megabyte of them.
        public let output: String
    }

    /// Starts `path` and waits for its end, on a thread that nobody else needs.
    public static func run(
        _ path: String, _ arguments: [String], environment: [String: String]
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Swift.Result {
                        try runBlocking(path, arguments, environment: environment)
                    })
            }
        }
    }

    /// The same on the calling thread: where a process ends and nothing else may run.
    static func runBlocking(
        _ path: String, _ arguments: [String], environment: [String: String]
    ) throws -> Result {
        let (process, output) = try spawn(path, arguments, environment: environment)
        defer { close(output) }
        return read(output, until: process)
    }

    /// Starts `path`; its standard output and error are read, without blocking, from `output`.
    static func spawn(
        _ path: String, _ arguments: [String], environment: [String: String]
    ) throws -> (process: pid_t, output: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw LiveStack.Failure(description: "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        // Sockets of tests under way must not live on in a stack that outlives them. Some are opened
        // by libraries that do not mark them, some while this is being read.
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        for descriptor in 3...((open.compactMap { Int32($0) }.max() ?? 3) + 64) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var process: pid_t = 0
        let failed = posix_spawn(&process, path, &actions, nil, &words, &settings)
        close(ends[1])
        guard failed == 0 else {
            close(ends[0])
            throw LiveStack.Failure(
                description: "start \(path): \(String(cString: strerror(failed)))")
        }
        return (process, ends[0])
    }

    /// Reads until the program has ended: what it leaves running may hold the pipe open.
    private static func read(_ descriptor: Int32, until process: pid_t) -> Result {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var status: Int32 = 0
        while true {
            let isOver = waitpid(process, &status, WNOHANG) != 0
            var count = Glibc.read(descriptor, &buffer, buffer.count)
            while count > 0 {
                bytes += buffer.prefix(count)
                if bytes.count > 2 << 20 { bytes.removeFirst(bytes.count - (1 << 20)) }
                count = Glibc.read(descriptor, &buffer, buffer.count)
            }
            if isOver { break }
            usleep(2_000)
        }
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        return Result(code: code, output: String(decoding: bytes, as: UTF8.self))
    }
}
