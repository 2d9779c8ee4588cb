import Console
import Database
import Glibc
import MeshContract

/// Copies a service's database while the service writes: what was committed when the copy began, in
/// one file that needs no other.
enum Backup {
    /// Refuses to write over anything; a copy that breaks off leaves nothing under the name.
    static func run(_ database: String, to file: String) throws {
        guard access(database, R_OK) == 0 else {
            throw Fault(.notFound, "there is no \(database) to copy")
        }
        guard access(file, F_OK) != 0 else {
            throw Fault(.conflict, "\(file) exists; name another")
        }
        let draft = "\(file).\(getpid()).new"
        defer { unlink(draft) }
        let source = try Connection(path: database, mode: .readOnly)
        defer { source.close() }
        try source.run("VACUUM INTO $1", draft)
        let descriptor = open(draft, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open \(draft)") }
        defer { close(descriptor) }
        fchmod(descriptor, 0o600)
        guard fsync(descriptor) == 0 else { throw failure("sync \(draft)") }
        guard link(draft, file) == 0 || (errno == EPERM && rename(draft, file) == 0) else {
            throw failure("write \(file)")
        }
    }

    private static func failure(_ doing: String) -> Fault {
        Fault(.unavailable, "\(doing): \(String(cString: strerror(errno)))")
    }
}
