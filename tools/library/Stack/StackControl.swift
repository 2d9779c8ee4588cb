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
            try await awaitRunning(keeper)
            return .wasRunning(port: keeper.port)
        }
        // Services of a killed supervisor may still hold the port.
        _ = await Leftovers(plan: plan).end()
        try plan.check()
        let before = LogFile.size(of: plan.logFile)
        let process = try spawnSupervisor(plan)
        let isReady = await probe.wait(port: plan.port, patience: Self.startPatience) {
            var status: Int32 = 0
            return waitpid(process, &status, WNOHANG) == 0
        }
        if isReady { return .fresh(port: plan.port) }
        if let keeper = SupervisorLock.holder(plan.lockFile), keeper.process != process {
            // Somebody else was quicker.
            try await awaitRunning(keeper)
            return .wasRunning(port: keeper.port)
        }
        kill(process, SIGTERM)
        let lines = LogFile.tail(of: plan.logFile, from: before)
        throw Refusal(
            .unavailable,
            "the stack did not become ready on port \(plan.port); "
                + "the end of \(plan.logFile):\n" + lines.map { "  \($0)" }.joined(separator: "\n"))
    }

    /// Waits until the stack that somebody else keeps is ready.
    func awaitRunning(_ keeper: StackKeeper) async throws(Refusal) {
        guard await probe.wait(port: keeper.port, patience: Self.startPatience) else {
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
