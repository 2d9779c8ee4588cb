import Console
import FoundationEssentials
import Glibc
import Synchronization

/// Starts programs by `posix_spawn`: a process with threads must not fork.
enum Subprocess {
    /// Where a program's standard output and error go, and what it belongs to.
    enum Place: Sendable {
        /// A process group of its own, so that what it starts can be ended with it.
        case group
        /// A session of its own, away from the terminal.
        case session
    }

    /// One at a time, so that no descriptor meant for one program is inherited by another.
    private static let turn = Mutex(())

    /// Starts a program whose output is read from the descriptor that comes with it.
    static func startPiped(
        _ path: String, _ arguments: [String], environment: [String: String]
    ) throws(Refusal) -> (process: pid_t, output: Int32) {
        let result = turn.withLock { _ -> Result<(pid_t, Int32), Refusal> in
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else {
                return .failure(Refusal(.temporary, "make a pipe: \(systemReason())"))
            }
            defer { close(ends[1]) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let spawned = Result { () throws(Refusal) in
                try spawn(path, arguments, environment, ends[1], .group)
            }
            if case .failure = spawned { close(ends[0]) }
            return spawned.map { ($0, ends[0]) }
        }
        return try result.get()
    }

    /// Starts a program that writes to `output`.
    static func start(
        _ path: String, _ arguments: [String], environment: [String: String], output: Int32,
        in place: Place
    ) throws(Refusal) -> pid_t {
        let result = turn.withLock { _ -> Result<pid_t, Refusal> in
            Result { () throws(Refusal) in
                try spawn(path, arguments, environment, output, place)
            }
        }
        return try result.get()
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String: String], _ output: Int32,
        _ place: Place
    ) throws(Refusal) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        for descriptor in 3...highestDescriptor() + 64 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What we block or ignore is ours: the program starts as from a shell.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var usual = sigset_t()
        sigemptyset(&usual)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGQUIT, SIGCHLD] {
            sigaddset(&usual, number)
        }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        switch place {
        case .group: flags |= POSIX_SPAWN_SETPGROUP
        case .session: flags |= 0x80  // POSIX_SPAWN_SETSID, which Glibc's module does not show
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var process: pid_t = 0
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        let code = posix_spawn(&process, path, &actions, &attributes, words, variables)
        guard code == 0 else {
            throw Refusal(.unavailable, "start \(path): \(String(cString: strerror(code)))")
        }
        return process
    }

    /// Not every library marks its sockets as ours alone; one that a child inherits never closes.
    /// More may be opened meanwhile, so the caller adds to it.
    private static func highestDescriptor() -> Int32 {
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return open?.compactMap { Int32($0) }.max() ?? 256
    }
}
