import Console
import FoundationEssentials
import Glibc
import ServiceKit

/// One stack: its folder, its ports and its programs.
struct StackPlan: Sendable {
    /// In the order in which they start; each calls only those before it.
    static let services = [
        "storage", "sandbox", "analytics", "billing", "providers", "orchestrator", "gateway",
    ]
    static let defaultPort = 8420
    /// Far enough from the port that stacks on neighbouring ports do not meet.
    static let previewDistance = 1_000

    var data: DataFolder
    var port: Int
    var door = GatewayDoor.open
    var previewPort: Int
    /// The folder that holds `atelier-<service>`.
    var programs: String
    var environment: [String: String]

    var lockFile: String { Self.lockFile(in: data.path) }
    var logFile: String { "\(data.path)/logs/atelier.log" }
    var address: String { door.address(port) }

    static func lockFile(in folder: String) -> String { "\(folder)/run/supervisor.lock" }
    func program(_ service: String) -> String { "\(programs)/atelier-\(service)" }
    func processFile(_ service: String) -> String { "\(data.path)/run/\(service).pid" }
    func arguments(_ service: String) -> [String] { ["serve", "--data", data.path] }

    /// What the services see: our environment, with what they must agree on.
    var serviceEnvironment: [String: String] {
        var all = environment
        all["ATELIER_DATA"] = data.path
        all["ATELIER_PORT"] = "\(port)"
        all["ATELIER_PREVIEW_PORT"] = "\(previewPort)"
        return all
    }

    static func previewPort(for port: Int) -> Int {
        port + previewDistance <= 65_535 ? port + previewDistance : port - previewDistance
    }

    /// Throws when something is missing that a start would only find out later.
    func check() throws(Refusal) {
        for service in Self.services where access(program(service), X_OK) != 0 {
            throw Refusal(
                .unavailable, "\(program(service)) is missing: build it with swift build")
        }
        try Self.checkFree(port, flag: "--port")
    }

    static func checkFree(_ port: Int, flag: String) throws(Refusal) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(4))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001)).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code != 0 else { return }
        let reason = errno == EADDRINUSE ? "is taken by another program" : systemReason()
        throw Refusal(.unavailable, "port \(port) \(reason); choose one with \(flag)")
    }

    /// The folder of the running program.
    static func ownFolder() -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { path in
                path.baseAddress.map { readlink("/proc/self/exe", $0, path.count) } ?? 0
            }
        }
        let path = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
