import Console
import EventLoop
import Mesh
import MeshContract
import ServiceKit

/// `atelier mesh …`: how the services fare among themselves.
struct MeshStatusCommands: Sendable {
    static let usage = "mesh takes top, ping, info, describe, capture or keys"

    let workplace: Workplace

    func run(_ arguments: [String]) async throws -> ExitCode {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "top": return try await top(rest)
        case "ping": return try await ping(rest)
        case "info": return try await info(rest)
        case "describe": return try await describe(rest)
        case "capture": return try await MeshCapture(workplace: workplace).run(rest)
        case let word?: throw UsageError("there is no \"mesh \(word)\"; \(Self.usage)")
        case nil: throw UsageError(Self.usage)
        }
    }

    // MARK: top

    private func top(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: ["data", "port", "service", "sort", "interval"],
            switches: ["once", "json", "idle", "total"])
        try arguments.noWords()
        let plan = try workplace.plan(arguments)
        let services = arguments.all("service").flatMap {
            $0.split(separator: ",").map(String.init)
        }
        for service in services { try check(service) }
        let places = try MeshPlaces(workplace, plan, only: services)
        let interval = Duration.milliseconds(
            Int(((try arguments.decimal("interval", in: 0.1...3_600)) ?? 2) * 1_000))
        let table = MeshTable(
            order: try order(arguments), showsIdle: arguments.has("idle") || arguments.has("total"))
        let isOnce = ["once", "json", "total"].contains(where: arguments.has)
        guard isOnce || !Terminal.isInteractive else {
            return await MeshScreen(
                workplace: workplace, places: places, interval: interval, folder: plan.data.path
            ).run(table)
        }
        let first = await MeshReading.take(places.all)
        var window = MeshWindow(first)
        if !arguments.has("total") {
            try await Task.sleep(for: interval)
            window = MeshWindow(await MeshReading.take(places.all), since: first)
        }
        if arguments.has("json") {
            Terminal.out(try Render.json(window))
        } else {
            for line in table.lines(window) { Terminal.out(Printable.text(line.text)) }
        }
        return window.services.allSatisfy(\.up) ? .success : .unavailable
    }

    private func order(_ arguments: Arguments) throws(UsageError) -> MeshTable.Order {
        guard let name = try arguments.value("sort") else { return .calls }
        guard let order = MeshTable.Order(rawValue: name) else {
            let list = MeshTable.Order.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--sort takes one of \(list), not \"\(Printable.line(name))\"")
        }
        return order
    }

    // MARK: One service

    private func ping(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: ["data", "port", "count"])
        let count = try arguments.integer("count", in: 1...1_000) ?? 3
        var isDown = false
        for place in try places(arguments) {
            for _ in 0..<count {
                let began = monotonic()
                guard await place.mesh.ping(place.service, within: .seconds(2)) else {
                    Terminal.out("\(place.name) does not answer at \(place.url)")
                    isDown = true
                    break
                }
                let took = MeshTable.time(Double(monotonic() - began) / 1_000)
                Terminal.out("\(place.name) answered in \(took)")
            }
        }
        return isDown ? .unavailable : .success
    }

    private func info(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: ["data", "port"], switches: ["json"])
        for place in try places(arguments) {
            let info = try await place.mesh.info(place.service)
            if arguments.has("json") {
                Terminal.out(try Render.json(info))
                continue
            }
            let stats = try await place.mesh.stats(place.service)
            let process = stats.process
            let rows = [
                ["service", info.service], ["at", place.url], ["process", "\(process.process)"],
                ["uptime", Figures.time(info.uptimeMilliseconds)],
                ["memory", MeshTable.size(Double(process.residentBytes))],
                ["files", "\(process.descriptors) of \(process.descriptorLimit)"],
                ["peers", "\(process.connections)"], ["in hand", "\(stats.inHand)"],
                ["loops", stats.loops.map(\.name).joined(separator: ", ")],
                ["methods", info.methods.joined(separator: ", ")],
            ]
            for line in Render.table(rows) { Terminal.out(Printable.text(line)) }
        }
        return .success
    }

    private func describe(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: ["data", "port"], switches: ["json"])
        for place in try places(arguments) {
            let signatures = try await place.mesh.describe(place.service)
            if arguments.has("json") {
                Terminal.out(try Render.json(signatures))
            } else {
                Terminal.out(Printable.text(signatures.joined(separator: "\n")))
            }
        }
        return .success
    }

    /// The processes of the one service that is named.
    private func places(_ arguments: Arguments) throws -> [MeshPlaces.Place] {
        let service = try arguments.word("service")
        try check(service)
        return try MeshPlaces(workplace, try workplace.plan(arguments), only: [service]).all
    }

    private func check(_ service: String) throws(UsageError) { try Self.check(service) }

    /// Refuses a service that no stack has.
    static func check(_ service: String) throws(UsageError) {
        guard StackPlan.services.contains(service) else {
            let list = StackPlan.services.joined(separator: ", ")
            throw UsageError("there is no service \"\(Printable.line(service))\"; there is \(list)")
        }
    }
}
