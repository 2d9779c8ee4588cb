import Glibc

/// A folder in memory for a database that nobody wants to keep, gone with its owner.
final class Scratch: Sendable {
    private let folder: String

    var path: String { folder + "/memory.db" }

    init() throws(DatabaseError) {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/database-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw .system(doing: "make a folder in \(parent)", errno: errno)
        }
        folder = String(cString: made)
    }

    deinit {
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
