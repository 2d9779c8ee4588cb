import Console
import Lifecycle
import Mesh
import MeshContract

/// `atelier mesh capture`: lets a running service write its messages down for a while.
struct MeshCapture: Sendable {
    let workplace: Workplace

    func run(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: ["data", "port", "seconds"], switches: ["show"])
        let service = try arguments.word("service")
        try MeshStatusCommands.check(service)
        let seconds = try arguments.integer("seconds", in: 1...3_600) ?? 10
        let places = try MeshPlaces(workplace, try workplace.plan(arguments), only: [service]).all
        guard places.count == 1, let place = places.first else {
            throw UsageError("\(service) has \(places.count) processes; capture one at a time")
        }
        Signals.catchAll()
        var status = try await place.mesh.capture(service, seconds: seconds)
        Terminal.error(
            "\(place.name) writes its messages for \(seconds) s, secrets and all; "
                + "Ctrl-C ends it before")
        await wait(.seconds(seconds))
        status = try await place.mesh.endCapture(service)
        guard let file = status.file else {
            throw Refusal(.internalError, "\(service) does not say where its capture is")
        }
        if let failure = status.failure { throw Refusal(.failure, Printable.line(failure)) }
        let lost = status.lost > 0 ? "; \(Figures.count(status.lost, "message")) lost" : ""
        Terminal.error("\(Figures.count(status.messages, "message"))\(lost)")
        guard arguments.has("show") else {
            Terminal.out(Printable.line(file, limit: 500))
            return .success
        }
        return try CapturePrinter().show(file)
    }

    /// Until the time is over or a signal comes.
    private func wait(_ time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled, it has waited long enough.
                try? await Task.sleep(for: time)
            }
            group.addTask {
                for await _ in Signals.stream() { return }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
