import Console
import EventLoop
import FoundationEssentials
import Glibc
import Log
import ServiceKit

/// Keeps the services of one stack running: starts them, merges what they write into one log,
/// starts again what ends, and stops all in order.
actor Supervisor {
    /// How long all services together may take to finish.
    static let drain = Duration.seconds(10)

    private let plan: StackPlan
    private let loop: EventLoop
    private let sink: @Sendable (String) -> Void
    private let log: Log
    private var processes: [String: pid_t] = [:]
    private var isStopping = false
    /// The first service that refused its configuration: that does not mend by starting it again.
    private var refused: String?
    private let (stops, stop) = AsyncStream.makeStream(of: Int32.self)

    /// `sink` gets each line of every service, and our own.
    init(_ plan: StackPlan, on loop: EventLoop, sink: @escaping @Sendable (String) -> Void) {
        (self.plan, self.loop, self.sink) = (plan, loop, sink)
        log = Log("supervisor", sink: sink)
    }

    /// Runs until one of `signals` comes; a second one ends the wait for the services at once.
    /// Ends by itself, with `badInput`, when a service refuses its configuration.
    func run(until signals: AsyncStream<Int32>) async -> ExitCode {
        let old = await Leftovers(plan: plan).end()
        if !old.isEmpty {
            log.warning(
                "services of an earlier stack were ended",
                ["services": old.joined(separator: ",")])
        }
        await withTaskGroup(of: Void.self) { listening in
            listening.addTask { [stop] in
                for await number in signals { stop.yield(number) }
            }
            await keepAll()
            listening.cancelAll()
        }
        log.info("stopped")
        return refused == nil ? .success : .badInput
    }

    /// Keeps the services until told to stop, then ends them.
    private func keepAll() async {
        await withTaskGroup(of: Void.self) { group in
            for service in StackPlan.services {
                group.addTask { await self.keep(service) }
            }
            for await number in stops {
                log.info("stopping", ["signal": "\(number)"])
                break
            }
            isStopping = true
            group.cancelAll()
            await withTaskGroup(of: Void.self) { ending in
                ending.addTask { await self.stopAll() }
                ending.addTask {
                    for await _ in self.stops { return await self.killAll() }
                }
                await ending.next()
                ending.cancelAll()
            }
        }
    }

    // MARK: One service

    private func keep(_ service: String) async {
        var backoff = Backoff()
        while !isStopping {
            let started = ContinuousClock.now
            let reason = await runOnce(service)
            if isStopping { return }
            let uptime = ContinuousClock.now - started
            if reason == ProcessEnd.exited(ExitCode.badInput.rawValue).description {
                log.error("a service refuses its configuration", ["service": service])
                refused = service
                stop.yield(0)
                return
            }
            let delay = backoff.delay(afterUptime: uptime)
            log.warning(
                "a service ended and is started again",
                [
                    "service": service, "end": reason, "restart": "\(backoff.restarts)",
                    "uptime": "\(uptime)", "in": "\(delay)",
                ])
            if delay > .zero {
                // Ends early only when everything ends.
                try? await Task.sleep(for: delay)
            }
        }
    }

    /// Starts it and waits for its end; says how it ended.
    private func runOnce(_ service: String) async -> String {
        let child: (process: pid_t, output: Int32)
        do {
            child = try Subprocess.startPiped(
                plan.program(service), plan.arguments(service),
                environment: plan.serviceEnvironment)
        } catch {
            return error.description
        }
        processes[service] = child.process
        note(child.process, of: service)
        OutputReader.read(child.output, on: loop) { [sink] line in
            // Most lines name the service; what a runtime writes when it dies does not.
            sink(line.contains(" \(service): ") ? line : "\(service): \(line)")
        }
        log.info("started", ["service": service, "pid": "\(child.process)"])
        let end = await ProcessEnd.of(child.process)
        processes[service] = nil
        unlink(plan.processFile(service))
        return end.description
    }

    private func note(_ process: pid_t, of service: String) {
        do {
            try DataFolder.write(Array("\(process)\n".utf8), to: plan.processFile(service))
        } catch {
            log.error("a pid file could not be written", ["error": "\(error)"])
        }
    }

    // MARK: The end

    /// One after the other, callers before those they call, within one deadline.
    private func stopAll() async {
        let deadline = ContinuousClock.now + Self.drain
        for service in StackPlan.services.reversed() {
            guard let process = processes[service] else { continue }
            kill(process, SIGTERM)
            while processes[service] == process, ContinuousClock.now < deadline {
                // Cancelled, nobody waits for a drain: what is left is killed, or we would wait for it.
                guard (try? await Task.sleep(for: .milliseconds(2))) != nil else {
                    return killAll()
                }
            }
        }
        killAll()
    }

    private func killAll() {
        for (service, process) in processes {
            log.warning("a service did not end in time and is killed", ["service": service])
            kill(-process, SIGKILL)
        }
    }
}
