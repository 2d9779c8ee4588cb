import Console
import Curl
import EventLoop
import Glibc
import ServiceKit

/// Starts and ends stacks from outside: what `up --detach` and `down` do.
struct StackControl: Sendable {
    /// How long a start may take until the gateway is ready.
    static let startPatience = Duration.seconds(30)
    /// A drain, and time for what comes after it.
    static let stopPatience = Supervisor.drain + .seconds(5)

    let probe: ReadyProbe

    enum Started: Sendable, Equatable {
        case fresh(port: Int)
        case wasRunning(port: Int)

        var port: Int {
            switch self {
            case .fresh(let port), .wasRunning(let port): port
            }
        }
    }

    /// Has a stack run in a session of its own, and waits until it is ready.
    func start(_ plan: StackPlan) async throws(Refusal) -> Started {
        if let keeper = SupervisorLock.holder(plan.lockFile) {
            try await awaitRunning(keeper, in: plan.data.path)
            return .wasRunning(port: keeper.port)
        }
        // Services of a killed supervisor may still hold the port.
        _ = await Leftovers(plan: plan).end()
        try plan.check()
        let before = LogFile.size(of: plan.logFile)
        let process = try spawnSupervisor(plan)
        var status: Int32?
        let isReady = await probe.wait(
            port: plan.port, in: plan.data.path, patience: Self.startPatience
        ) {
            status = Self.ended(process)
            return status == nil
        }
        if isReady { return .fresh(port: plan.port) }
        if let keeper = SupervisorLock.holder(plan.lockFile), keeper.process != process {
            // Somebody else was quicker.
            try await awaitRunning(keeper, in: plan.data.path)
            return .wasRunning(port: keeper.port)
        }
        if status == nil { status = await end(process) }
        let lines = LogFile.tail(of: plan.logFile, from: before)
        // What a service said of its configuration is all that there is to know.
        let refusals = lines.filter { $0.contains(": atelier-") }
        if case .exited(ExitCode.badInput.rawValue)? = status.map(ProcessEnd.init(status:)),
            let last = refusals.last
        {
            throw Refusal(.badInput, String(last.drop { $0 != ":" }.dropFirst(2)))
        }
        throw Refusal(
            .unavailable,
            "the stack did not become ready on port \(plan.port); "
                + "the end of \(plan.logFile):\n" + lines.map { "  \($0)" }.joined(separator: "\n"))
    }

    /// The status of a child that has ended; nil while it lives.
    private static func ended(_ process: pid_t) -> Int32? {
        var status: Int32 = 0
        return waitpid(process, &status, WNOHANG) == process ? status : nil
    }

    /// Ends a supervisor that was given up, and waits until it is gone: the next start must not meet
    /// it.
    private func end(_ process: pid_t) async -> Int32? {
        kill(process, SIGTERM)
        let deadline = ContinuousClock.now + Self.stopPatience
        while ContinuousClock.now < deadline {
            if let status = Self.ended(process) { return status }
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { break }
        }
        kill(process, SIGKILL)
        return nil
    }

    /// Waits until the stack that somebody else keeps is ready.
    func awaitRunning(_ keeper: StackKeeper, in folder: String) async throws(Refusal) {
        guard
            await probe.wait(
                port: keeper.port, in: folder, patience: Self.startPatience)
        else {
            throw Refusal(
                .unavailable,
                "the stack is already running on port \(keeper.port) (process "
                    + "\(keeper.process)), but it is not ready; see atelier status")
        }
    }

    private func spawnSupervisor(_ plan: StackPlan) throws(Refusal) -> pid_t {
        let output = open(plan.logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw Refusal(.denied, "open \(plan.logFile): \(systemReason())") }
        defer { close(output) }
        let arguments = [
            "up", "--logged", "--data", plan.data.path, "--port", "\(plan.port)",
            "--preview-port", "\(plan.previewPort)",
        ]
        return try Subprocess.start(
            "\(plan.programs)/atelier", arguments, environment: plan.environment, output: output,
            in: .session)
    }

    /// Ends the stack of a data folder and waits until it is gone; false when none ran.
    func stop(_ plan: StackPlan) async -> Bool {
        guard let keeper = SupervisorLock.holder(plan.lockFile) else {
            return await !Leftovers(plan: plan).end().isEmpty
        }
        kill(keeper.process, SIGTERM)
        let deadline = ContinuousClock.now + Self.stopPatience
        while SupervisorLock.holder(plan.lockFile) == keeper {
            guard ContinuousClock.now < deadline,
                (try? await Task.sleep(for: .milliseconds(20))) != nil
            else {
                kill(keeper.process, SIGKILL)
                break
            }
        }
        _ = await Leftovers(plan: plan).end(patience: .seconds(1))
        return true
    }
}
