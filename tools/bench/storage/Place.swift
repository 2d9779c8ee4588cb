import Console
import Contracts
import Curl
import EventLoop
import FoundationEssentials
import Glibc
import Mesh
import MeshContract
import StackDriver

/// Storage and a gateway as processes in a folder of their own, and the ways to them.
final class Place: Sendable {
    let folder: String
    let loop = EventLoop()
    let mesh: MeshClient
    let http: HTTPClient
    let url: String
    let token: String
    private let programs: [String: (run: BackgroundProgram, process: Int32)]

    init(_ folderOfPrograms: String) async throws {
        let folder = "/tmp/atelier-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        self.folder = folder
        mkdir(folder, 0o700)
        let port = Int.random(in: 20_000...29_999)
        var environment = ProcessInfo.processInfo.environment
        environment["ATELIER_PORT"] = "\(port)"
        environment["OLLAMA_URL"] = "off"
        environment["ATELIER_DATA"] = folder
        let own = CommandLine.arguments[0]
        var programs: [String: (run: BackgroundProgram, process: Int32)] = [:]
        for (name, path, words) in [
            ("storage", "\(folderOfPrograms)/atelier-storage", "serve"),
            ("gateway", "\(folderOfPrograms)/atelier-gateway", "serve"),
            ("limit", own, "echo ipc://\(folder)/limit.sock"),
        ] {
            // The first line is the process; what it says later goes into a file.
            let run = try await BackgroundProgram.start(
                "/bin/sh",
                ["-c", "echo $$; exec \"\(path)\" \(words) >\"\(folder)/\(name).log\" 2>&1"],
                environment: environment)
            programs[name] = (run, Int32(run.firstLine) ?? 0)
        }
        self.programs = programs
        mesh = MeshClient(
            SocketTransport(
                MeshDirectory(
                    folder: folder + "/run", overrides: ["limit": "ipc://\(folder)/limit.sock"]),
                on: loop), as: "gateway")
        var limits = HTTPClient.Limits()
        limits.readAhead = 1 << 20
        http = HTTPClient(on: loop, limits: limits)
        url = "http://127.0.0.1:\(port)"
        token = try await Self.ready(folder, mesh, http, url)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)  // litter is no failure
    }

    /// The owner's key, once all three answer.
    private static func ready(
        _ folder: String, _ mesh: MeshClient, _ http: HTTPClient, _ url: String
    ) async throws -> String {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
            guard let bytes = try? Data(contentsOf: URL(filePath: folder + "/owner.token")),
                (try? await mesh.call(Storage.ListRetention())) != nil,
                (try? await mesh.call(Limit.Give(length: 1))) != nil,
                (try? await http.send(ClientRequest(url: url + "/health"))) != nil
            else { continue }
            return String(decoding: bytes, as: UTF8.self)
        }
        throw LiveStack.Failure(description: "storage and gateway did not come up; see \(folder)")
    }

    /// The account that the key belongs to.
    func owner() async throws -> String {
        let answer = try await http.send(get("/api/v1/auth/me"))
        struct Me: Decodable { var id: String }
        return try JSONDecoder().decode(Me.self, from: Data(answer.body)).id
    }

    func get(_ path: String, headers: [(String, String)] = []) -> ClientRequest {
        ClientRequest(
            url: url + path, headers: [("Authorization", "Bearer \(token)")] + headers,
            maxBody: .max)
    }

    /// Megabytes that a process has had at most (proc(5), VmHWM).
    func peak(of program: String) -> Double { status(of: program, "VmHWM:") }

    private func status(of program: String, _ field: String) -> Double {
        guard let process = programs[program]?.process,
            let bytes = try? Data(contentsOf: URL(filePath: "/proc/\(process)/status"))
        else { return 0 }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(field) }
        let number = line?.split { $0 == " " || $0 == "\t" }.dropFirst().first
        return (number.flatMap { Double($0) } ?? 0) / 1_024
    }

    /// Ends a process as a power cut would.
    func kill(_ program: String) {
        if let process = programs[program]?.process { Glibc.kill(process, SIGKILL) }
    }
}
