import Console
import Contracts
import Glibc
import Lifecycle
import Log
import Mesh
import ServiceKit

/// `up`, `down` and `status`: the stack itself.
struct StackCommands: Sendable {
    let workplace: Workplace

    func up(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: Workplace.stackFlags, switches: ["detach", "logged"])
        try arguments.noWords()
        let plan = try workplace.plan(arguments)
        if arguments.has("preview-port") {
            try StackPlan.checkFree(plan.previewPort, flag: "--preview-port")
        }
        guard arguments.has("detach") else {
            return try await supervise(plan, isLogged: arguments.has("logged"))
        }
        switch try await workplace.control(of: plan).start(plan) {
        case .fresh(let port):
            Terminal.out("atelier is up at \(plan.door.address(port))/")
        case .wasRunning(let port):
            Terminal.out("already running on port \(port): \(plan.door.address(port))/")
        }
        return .success
    }

    private func supervise(_ plan: StackPlan, isLogged: Bool) async throws -> ExitCode {
        guard let lock = try SupervisorLock.take(plan.lockFile) else {
            guard let keeper = SupervisorLock.holder(plan.lockFile) else {
                throw Refusal(.temporary, "the stack's lock changes hands just now; try again")
            }
            try await workplace.control(of: plan).awaitRunning(keeper, in: plan.data.path)
            Terminal.out(
                "already running on port \(keeper.port): \(plan.door.address(keeper.port))/")
            return .success
        }
        // Services of a killed supervisor may still hold the port.
        _ = await Leftovers(plan: plan).end()
        try plan.check()
        // What an earlier gateway said of itself counts no more.
        unlink(GatewayDoor.file(in: plan.data.path))
        lock.write(StackKeeper(process: getpid(), port: plan.port))
        Signals.catchAll()
        let signals = Signals.stream()
        let sink: @Sendable (String) -> Void
        if isLogged {
            let file = try LogFile(plan.logFile)
            sink = { file.write($0) }
        } else {
            sink = { Terminal.out($0) }
        }
        let log = Log("supervisor", sink: sink)
        let supervisor = Supervisor(plan, on: workplace.loop, sink: sink)
        let code = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                if await workplace.control(of: plan).probe.wait(
                    port: plan.port, in: plan.data.path, patience: .seconds(60))
                {
                    log.info("ready", ["address": plan.address])
                }
            }
            defer { group.cancelAll() }
            return await supervisor.run(until: signals)
        }
        withExtendedLifetime(lock) {}
        return code
    }

    func down(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: ["data", "port"])
        try arguments.noWords()
        let plan = try workplace.plan(arguments)
        let stopped = await workplace.control(of: plan).stop(plan)
        Terminal.out(stopped ? "atelier is down" : "atelier was not running")
        return .success
    }

    func status(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: ["data", "port"], switches: ["json"])
        try arguments.noWords()
        let plan = try workplace.plan(arguments)
        let directory = try plan.data.directory(workplace.environment, as: "admin")
        let mesh = MeshClient(SocketTransport(directory, on: workplace.loop), as: "admin")
        let states = await withTaskGroup(of: ServiceState.self) { group in
            for service in StackPlan.services {
                group.addTask { await ServiceState(of: service, over: mesh) }
            }
            var all: [String: ServiceState] = [:]
            for await state in group { all[state.service] = state }
            return StackPlan.services.compactMap { all[$0] }
        }
        let isReady = await workplace.control(of: plan).probe.isReady(
            port: plan.port, in: plan.data.path)
        let environment = try? await mesh.call(Orchestrator.CheckEnvironment())
        let report = StackReport(
            address: plan.address, ready: isReady,
            supervisor: SupervisorLock.holder(plan.lockFile).map { Int($0.process) },
            services: states, models: environment?.state, problems: environment?.problems)
        for line in arguments.has("json") ? [try Render.json(report)] : report.lines {
            Terminal.out(line)
        }
        return isReady && states.allSatisfy(\.up) ? .success : .unavailable
    }
}
