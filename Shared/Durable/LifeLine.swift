import Glibc

/// Says "alive" for as long as the process lives: the kernel lets go of the lock even after kill
/// -9, so a restart need not wait for a lease to end.
final class LifeLine: Sendable {
    struct Unavailable: Error, CustomStringConvertible {
        let path: String
        let code: Int32
        var description: String { "lock \(path): errno \(code)" }
    }

    private let descriptor: Int32
    private let path: String

    /// Nobody sees the file before it is locked: it is renamed into its place.
    init(database: String, engine: Int64) throws(Unavailable) {
        path = LifeLine.path(database, engine)
        descriptor = open(path + ".new", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0,
            rename(path + ".new", path) == 0
        else {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            throw Unavailable(path: path, code: code)
        }
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// An engine's file is in its place before its row can be seen, so a missing file is a death.
    static func isDead(database: String, engine: Int64) -> Bool {
        let path = path(database, engine)
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT }  // otherwise the lease decides
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        unlink(path)
        return true
    }

    private static func path(_ database: String, _ engine: Int64) -> String {
        "\(database).engine-\(engine)"
    }
}
