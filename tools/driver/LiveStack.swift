import FoundationEssentials
import Glibc

/// A stack of real executables in a folder of its own, on a port of its own: for system tests and
/// benches. It is started and stopped by the same command that a user types.
public final class LiveStack: Sendable {
    /// What could not be done, with the end of what the program said.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    public static let services = [
        "gateway", "orchestrator", "providers", "billing", "analytics", "sandbox", "storage",
    ]

    public let folder: String
    public let port: Int
    /// Where the executables are.
    public let programs: String
    private let environment: [String: String]

    /// Starts a stack and waits until it is ready. `settings` are added to the environment, in which
    /// nothing points at a real provider.
    public static func start(
        programs: String, settings: [String: String] = [:]
    ) async throws -> LiveStack {
        let stack = try LiveStack(programs: programs, settings: settings)
        try await stack.command(
            ["up", "--detach", "--data", stack.folder, "--port", "\(stack.port)"])
        return stack
    }

    private init(programs: String, settings: [String: String]) throws {
        self.programs = programs
        folder = "/tmp/atelier-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        port = try Self.freePort()
        var environment = ProcessInfo.processInfo.environment
        for name in environment.keys where Self.isSetting(name) { environment[name] = nil }
        environment["OLLAMA_URL"] = "http://127.0.0.1:9"
        self.environment = environment.merging(settings) { _, new in new }
    }

    /// Stops it and removes its folder. Blocks, for it is what a process does at its end.
    public func stop() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // litter is no failure
        _ = try Program.runBlocking(
            programs + "/atelier", ["down", "--data", folder], environment: environment)
    }

    public var url: String { "http://127.0.0.1:\(port)" }

    /// The owner's key.
    public var token: String {
        get throws {
            let bytes = try Data(contentsOf: URL(filePath: folder + "/owner.token"))
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The process of a service, as the supervisor notes it; nil while there is none.
    public func process(of service: String) -> Int32? {
        let file = "\(folder)/run/\(service).pid"
        guard let bytes = try? Data(contentsOf: URL(filePath: file)) else { return nil }
        let digits = bytes.prefix { $0 >= 48 && $0 <= 57 }
        return Int32(String(decoding: digits, as: UTF8.self))
    }

    /// Ends a service as a power cut would.
    public func kill(_ service: String) throws {
        guard let process = process(of: service), Glibc.kill(process, SIGKILL) == 0 else {
            throw Failure(description: "\(service) has no process to kill")
        }
    }

    /// Runs one of the stack's programs to its end and answers with what it said.
    @discardableResult
    public func command(
        _ arguments: [String], program: String = "atelier", expecting code: Int32? = 0
    ) async throws -> String {
        let result = try await Program.run(
            "\(programs)/\(program)", arguments, environment: environment)
        if let code, result.code != code {
            throw Failure(
                description: "\(program) \(arguments.joined(separator: " ")) ended with "
                    + "\(result.code): \(result.output.suffix(2_000))")
        }
        return result.output
    }

    /// Names that would reach into a stack of ours from the environment of whoever tests.
    private static func isSetting(_ name: String) -> Bool {
        [
            "ATELIER_", "ANTHROPIC_", "OPENAI_", "OLLAMA_", "LLM_", "SANDBOX_", "SECRET_KEY",
            "RESEND_", "DUCKDUCKGO_", "POLLINATIONS_",
        ].contains { name.hasPrefix($0) }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard bound else { throw Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
