import FoundationEssentials
import Glibc
import Mesh
import TLS

/// The keys and certificates of both ends, in the folder that `ATELIER_BENCH_TRUST` names.
enum Trust {
    static let caller = "bench-client"

    private static let folder = ProcessInfo.processInfo.environment["ATELIER_BENCH_TRUST"]

    /// nil where nothing leaves the machine.
    static func identity(_ name: String, at url: String) throws -> MeshIdentity? {
        guard let folder, !url.hasPrefix("ipc://") else { return nil }
        return MeshIdentity(name, folder: folder, tls: try tls(url, folder))
    }

    static func context(_ role: TLSRole, at url: String) throws -> TLSContext? {
        guard let folder, url.hasPrefix("tls+tcp://") else { return nil }
        return try TLSContext(
            role,
            TLSOptions(
                certificate: "\(folder)/localhost.pem", key: "\(folder)/localhost.key",
                authorities: "\(folder)/authority.pem", requiresPeer: true, minimum: .tls13))
    }

    private static func tls(_ url: String, _ folder: String) throws -> MeshTLS? {
        guard url.hasPrefix("tls+tcp://") else { return nil }
        let files = MeshTLS.Files(
            certificate: "\(folder)/localhost.pem", key: "\(folder)/localhost.key",
            authority: "\(folder)/authority.pem")
        return try MeshTLS(files) { _ in }
    }

    /// Makes the keys of both ends.
    static func makeKeys() throws {
        guard let folder else { return }
        for name in [Bench.name, caller] {
            let key = OwnKey(from: 0)
            for (line, kind) in [(key.line, "key"), (key.known.line, "pub")] {
                let path = "\(folder)/\(name).\(kind)"
                try Data((line + "\n").utf8).write(to: URL(filePath: path))
                chmod(path, 0o600)
            }
        }
    }
}
