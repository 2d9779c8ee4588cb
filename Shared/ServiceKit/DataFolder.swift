import Crypto
import FoundationEssentials
import Glibc
public import Mesh
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
        for folder in ["", "/run", "/keys", "/config", "/logs"] { try Self.make(absolute + folder) }
        // A socket's path may have 107 bytes; the longest name here is orchestrator.sock.
        guard absolute.utf8.count <= 80 else {
            throw Fault(.invalid, "the data folder's path is longer than 80 bytes: \(absolute)")
        }
    }

    /// The socket files of this installation's services.
    public func directory(_ environment: [String: String]) -> MeshDirectory {
        var overrides: [String: String] = [:]
        for (name, value) in environment where name.hasPrefix("ATELIER_MESH_") && !value.isEmpty {
            let service = name.dropFirst("ATELIER_MESH_".count).lowercased()
            let isEvents = service.hasSuffix("_events")
            overrides[isEvents ? service.dropLast(7) + ".events" : service] = value
        }
        return MeshDirectory(folder: path + "/run", overrides: overrides)
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
        let draft = "\(file).\(getpid()).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("write \(file)") }
        defer { unlink(draft) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                close(descriptor)
                throw failure("write \(file)")
            }
            rest = rest.dropFirst(count)
        }
        let synced = fsync(descriptor) == 0
        close(descriptor)
        let placed = replacing ? rename(draft, file) : link(draft, file)
        guard synced, placed == 0 || (!replacing && errno == EEXIST) else {
            throw failure("write \(file)")
        }
    }

    private static func make(_ folder: String) throws(Fault) {
        var built = ""
        for part in folder.split(separator: "/") {
            built += "/" + part
            if mkdir(built, 0o700) != 0 && errno != EEXIST { throw failure("make \(built)") }
        }
    }

    private static func failure(_ doing: String) -> Fault {
        Fault(.unavailable, "\(doing): \(String(cString: strerror(errno)))")
    }
}
