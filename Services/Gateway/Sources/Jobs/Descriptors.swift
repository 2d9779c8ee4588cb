import Glibc

/// The descriptors of this process: a service manager gives 1,024 to begin with and allows more.
enum Descriptors {
    /// What is needed beside connections: databases, the mesh, loops.
    private static let rest = 512

    /// Takes as many as `connections` need, if they are to be had; answers for how many connections
    /// there is room.
    static func raise(for connections: Int) -> Int {
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return connections }
        let wanted = rlim_t(connections + rest)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = min(wanted, limit.rlim_max)
            if setrlimit(kind, &limit) != 0, getrlimit(kind, &limit) != 0 { return connections }
        }
        let room = Int(clamping: limit.rlim_cur)
        return min(connections, max(room - rest, room / 2))
    }
}
