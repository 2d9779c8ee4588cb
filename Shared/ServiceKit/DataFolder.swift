import Crypto
import FoundationEssentials
import Glibc
public import MeshContract

/// The folder that holds everything one installation keeps; private to its user.
public struct DataFolder: Sendable {
    /// Absolute.
    public let path: String

    /// Makes the folder and its private parts (`run`, `keys`, `config`) where they are missing.
    public init(_ path: String) throws(Fault) {
        var absolute = path
        if !path.hasPrefix("/") {
            absolute = FileManager.default.currentDirectoryPath + "/" + path
        }
        self.path = absolute
        // A socket's path may have 107 bytes; the longest name here is orchestrator.sock.
        guard absolute.utf8.count <= 80 else {
            throw Fault(.invalid, "the data folder's path is longer than 80 bytes: \(absolute)")
        }
        for folder in ["", "/run", "/keys", "/config", "/logs"] { try Self.make(absolute + folder) }
        for folder in ["/run", "/keys"] { try Self.refuseStrangers(absolute + folder) }
    }

    public func database(_ service: String) -> String { "\(path)/\(service).db" }

    /// The bytes of `keys/<name>`, made from chance at first use, mode 0600.
    public func key(_ name: String) throws(Fault) -> [UInt8] {
        let file = "\(path)/keys/\(name)"
        if let bytes = try? Data(contentsOf: URL(filePath: file)), bytes.count >= 32 {
            return Array(bytes)
        }
        try Self.write(randomBytes(32), to: file, replacing: false)
        guard let bytes = try? Data(contentsOf: URL(filePath: file)), bytes.count >= 32 else {
            throw Fault(.unavailable, "\(file) cannot be read")
        }
        return Array(bytes)
    }

    /// Writes a private file whole or not at all: beside its place, synced, then renamed or linked.
    public static func write(
        _ bytes: [UInt8], to file: String, replacing: Bool = true
    ) throws(Fault) {
        // A name of its own: two writers of one draft would write into each other's file.
        let draft = "\(file).\(getpid())-\(UInt64.random(in: 0 ... .max)).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("write \(file)") }
        defer { unlink(draft) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let fault = failure("write \(file)")
                close(descriptor)
                throw fault
            }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else {
            let fault = failure("sync \(file)")
            close(descriptor)
            throw fault
        }
        close(descriptor)
        let placed = replacing ? rename(draft, file) : link(draft, file)
        guard placed == 0 || (!replacing && errno == EEXIST) else {
            throw failure("write \(file)")
        }
        try syncFolder(of: file)
    }

    /// Makes the new name last through a loss of power, as fsync(2) asks.
    private static func syncFolder(of file: String) throws(Fault) {
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("sync \(folder)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("sync \(folder)") }
    }

    private static func make(_ folder: String) throws(Fault) {
        var built = ""
        for part in folder.split(separator: "/") {
            built += "/" + part
            if mkdir(built, 0o700) != 0 && errno != EEXIST { throw failure("make \(built)") }
        }
    }

    /// Who may write here may put his socket or key in the place of ours.
    private static func refuseStrangers(_ folder: String) throws(Fault) {
        var status = stat()
        guard stat(folder, &status) == 0 else { throw failure("look at \(folder)") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw Fault(.invalid, "\(folder) is no folder")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw Fault(.invalid, "\(folder) may be written by others; chmod 700 it")
        }
    }

    private static func failure(_ doing: String) -> Fault {
        Fault(.unavailable, "\(doing): \(String(cString: strerror(errno)))")
    }
}
