import CSpawn
import Glibc

/// A program about to be started: with nothing of ours but what is named here.
struct Launch {
    /// The program by its path, then its arguments.
    var arguments: [String]
    /// They become 0, 1, 2 and so on.
    var descriptors: [Descriptor]
    /// Empty unless told: bubblewrap's own can be read inside through `/proc/1/environ`.
    var environment: [String] = []
    var folder: String?

    /// Starts it as the leader of a process group of its own and answers with its number.
    ///
    /// The calling thread must live as long as the process: its end is what `die-with-parent` sees.
    func start() throws(RunnerError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor.raw, Int32(number))
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, Int32(descriptors.count))
        if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        // A service blocks and ignores signals; what it starts must not inherit that.
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let program = arguments.first ?? ""
        var pid: pid_t = 0
        let code = withExtendedLifetime(descriptors) {
            withStrings(arguments) { arguments in
                withStrings(environment) { environment in
                    posix_spawn(&pid, program, &actions, &attributes, arguments, environment)
                }
            }
        }
        guard code == 0 else {
            throw .system(doing: "start \(program)", errno: code)
        }
        return pid
    }
}

/// Lends `strings` as C has them: an array of pointers, and nil at its end.
private func withStrings<R>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
