import Glibc
import MeshContract

/// The files that keys stand in: a few lines, owned by us, that nobody else can change.
enum KeyFile {
    private static let largest = 1 << 16

    /// What tells one state of a file from another.
    struct Mark: Equatable {
        private let inode: UInt
        private let size: Int
        private let seconds: Int
        private let nanoseconds: Int

        init(_ status: stat) {
            (inode, size) = (UInt(status.st_ino), Int(status.st_size))
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            self.init(status)
        }
    }

    /// The lines of a file, without those that are empty or begin with `#`. `mask` has the rights
    /// that others must not have.
    static func lines(_ path: String, forbidden mask: mode_t) throws(Fault) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw Fault(.invalid, "\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= largest
        else { throw Fault(.invalid, "\(path) is no file of keys") }
        guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & mask == 0 else {
            throw Fault(.invalid, "\(path) is open to others; chmod 600 it")
        }
        var bytes = [UInt8](repeating: 0, count: largest)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress.map { $0 + filled }, largest - filled)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        return String(decoding: bytes[..<filled], as: UTF8.self).split(whereSeparator: \.isNewline)
            .map(String.init).filter { !$0.hasPrefix("#") }
    }

    /// The services that have a file of this kind in a folder.
    static func names(in folder: String, ending: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while names.count < KeyRing.most, let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(ending) else { continue }
            let service = String(name.dropLast(ending.count))
            if isName(service) { names.append(service) }
        }
        return names.sorted()
    }

    /// A service's name as it may stand in a file's.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
