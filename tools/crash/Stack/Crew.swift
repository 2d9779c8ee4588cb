import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// The seven services of one stack, each a process of ours: killed, it is started again at once,
/// where a supervisor would make it wait longer and longer.
final class Crew: Sendable {
    /// In the order in which they start.
    static let services = [
        "storage", "sandbox", "analytics", "billing", "providers", "orchestrator", "gateway",
    ]

    private struct State {
        var processes: [String: pid_t] = [:]
        var kills: [String: Int] = [:]
        var wrong: [String] = []
        var isOver = false
    }

    let folder: String
    let port: Int
    private let programs: String
    private let environment: [String: String]
    private let state = Mutex(State())
    /// One at a time, so that no descriptor meant for one program is inherited by another.
    private let spawning = Mutex(())

    init(programs: String, folder: String, settings: [String: String]) throws {
        (self.programs, self.folder) = (programs, folder)
        port = try Self.freePort()
        var environment = ["PATH": "/usr/bin:/bin", "HOME": "/tmp"]
        for name in ["LD_LIBRARY_PATH", "PATH"] {
            environment[name] = ProcessInfo.processInfo.environment[name] ?? environment[name]
        }
        environment["ATELIER_DATA"] = folder
        environment["ATELIER_PORT"] = "\(port)"
        environment["ATELIER_PREVIEW_PORT"] = "\(try Self.freePort())"
        self.environment = environment.merging(settings) { $1 }
        for service in Self.services where access(program(service), X_OK) != 0 {
            throw Failure("\(program(service)) is missing: build it, or name its --programs")
        }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var kills: [String: Int] { state.withLock { $0.kills } }
    var wrong: [String] { state.withLock { $0.wrong } }

    private func program(_ service: String) -> String { "\(programs)/atelier-\(service)" }
    private func log(_ service: String) -> String { "\(folder)/logs/\(service).log" }

    func complain(_ what: String) { state.withLock { $0.wrong.append(what) } }

    func startAll() throws {
        try FileManager.default.createDirectory(
            atPath: folder + "/logs", withIntermediateDirectories: true)
        for service in Self.services { try start(service) }
    }

    /// Ends services as a power cut would, all before the first is started again. One that is just
    /// being started is left alone.
    func kill(_ services: [String]) async throws {
        try await aside { [self] in
            let found = state.withLock { state in
                var found: [(service: String, process: pid_t)] = []
                for service in services where !state.isOver {
                    guard let process = state.processes.removeValue(forKey: service) else {
                        continue
                    }
                    state.kills[service, default: 0] += 1
                    found.append((service, process))
                }
                return found
            }
            for (_, process) in found { Glibc.kill(process, SIGKILL) }
            for (service, process) in found {
                var status: Int32 = 0
                waitpid(process, &status, 0)
                if status & 0x7f != SIGKILL {
                    complain("\(service) had ended by itself with status \(status)")
                }
            }
            for (service, _) in found { try start(service) }
        }
    }

    /// Looks for services that ended and were not killed, until cancelled.
    func watch() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .milliseconds(100))
            for service in Self.services {
                let ended = state.withLock { state -> Int32? in
                    guard !state.isOver, let process = state.processes[service] else { return nil }
                    var status: Int32 = 0
                    guard waitpid(process, &status, WNOHANG) == process else { return nil }
                    state.processes[service] = nil
                    return status
                }
                guard let ended else { continue }
                complain("\(service) ended by itself with status \(ended): \(tail(service))")
                try start(service)
            }
        }
    }

    /// The end of what a service has said.
    func tail(_ service: String) -> String {
        let bytes = (try? Data(contentsOf: URL(filePath: log(service)))) ?? Data()
        return String(decoding: bytes.suffix(400), as: UTF8.self)
    }

    /// Ends all as a user would, or kills those that do not end.
    func stopAll() async throws -> [String] {
        try await aside { [self] in
            let processes = state.withLock { state in
                state.isOver = true
                return state.processes
            }
            var late: [String] = []
            for service in Self.services.reversed() {
                guard let process = processes[service] else { continue }
                Glibc.kill(process, SIGTERM)
                var status: Int32 = 0
                let deadline = ContinuousClock.now + .seconds(10)
                while waitpid(process, &status, WNOHANG) == 0 {
                    if ContinuousClock.now > deadline {
                        late.append(service)
                        Glibc.kill(process, SIGKILL)
                        waitpid(process, &status, 0)
                        break
                    }
                    usleep(2_000)
                }
            }
            return late
        }
    }

    /// What must not outlive this process, whatever becomes of it.
    func abandon() {
        let processes = state.withLock { state in
            state.isOver = true
            return state.processes.values
        }
        for process in processes { Glibc.kill(process, SIGKILL) }
    }

    /// Waiting for a process must not hold one of the few threads that tasks share.
    private func aside<T: Sendable>(
        _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }

    private func start(_ service: String) throws {
        var process: pid_t = 0
        let code = spawning.withLock { _ in spawn(service, &process) }
        guard code == 0 else {
            throw Failure("start \(program(service)): \(String(cString: strerror(code)))")
        }
        let isOver = state.withLock { state in
            if !state.isOver { state.processes[service] = process }
            return state.isOver
        }
        if isOver { Glibc.kill(process, SIGKILL) }
    }

    private func spawn(_ service: String, _ process: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, log(service), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        for descriptor in 3...((open?.compactMap { Int32($0) }.max() ?? 256) + 64) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        let arguments: [String] = [program(service), "serve", "--data", folder]
        let words = arguments.map { strdup($0) } + [nil]
        let settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        return posix_spawn(&process, program(service), &actions, nil, words, settings)
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
        guard bound else { throw Failure("no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
