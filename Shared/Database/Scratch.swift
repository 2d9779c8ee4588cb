import Glibc
import Synchronization

/// A folder in memory for a database that nobody wants to keep, gone with its owner, or with the
/// process where that exits first.
final class Scratch: Sendable {
    private static let live: Mutex<Set<String>> = {
        atexit { Scratch.removeAll() }
        return Mutex([])
    }()

    private let folder: String

    var path: String { folder + "/memory.db" }

    init() throws(DatabaseError) {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/database-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw .system(doing: "make a folder in \(parent)", errno: errno)
        }
        let folder = String(cString: made)
        self.folder = folder
        _ = Scratch.live.withLock { $0.insert(folder) }
    }

    deinit { remove() }

    /// Does nothing the second time.
    func remove() {
        let isLive = Scratch.live.withLock { $0.remove(folder) != nil }
        if isLive { Scratch.remove(folder) }
    }

    private static func removeAll() {
        let folders = live.withLock { folders in
            defer { folders = [] }
            return folders
        }
        folders.forEach(remove)
    }

    private static func remove(_ folder: String) {
        guard let listing = opendir(folder) else { return }
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { unlink("\(folder)/\(name)") }
        }
        closedir(listing)
        rmdir(folder)
    }
}
