import Console
import Database
import EventLoop
import FoundationEssentials
import Glibc
import Lifecycle
import Log
import Mesh
import MeshContract

/// How a service's process starts. Seven executables are this and nothing else.
public enum ServiceMain<Node: ServiceNode> {
    private static var name: String { Node.Service.name }

    /// Runs one subcommand and answers with the exit code.
    public static func run(_ arguments: [String]) async -> Int32 {
        do {
            try await perform(arguments)
            return ExitCode.success.rawValue
        } catch let error as UsageError {
            Terminal.error("atelier-\(name): \(error)")
            return ExitCode.usage.rawValue
        } catch let fault as Fault {
            Terminal.error("atelier-\(name): \(fault)")
            return ExitCode(fault).rawValue
        } catch {
            Terminal.error("atelier-\(name): \(error)")
            return ExitCode.failure.rawValue
        }
    }

    private static func perform(_ arguments: [String]) async throws {
        var rest = arguments[...]
        let verb = rest.popFirst() ?? "help"
        // Databases and their logs are nobody else's, whatever becomes of the folder around them.
        umask(0o077)
        switch verb {
        case "serve":
            Signals.catchAll()
            try await serve(try open(try Flags(Array(rest))))
        case "call":
            guard let method = rest.popFirst() else { throw UsageError("call which method?") }
            try await call(method, Array(rest))
        case "describe":
            let flags = try Flags(Array(rest))
            try flags.check(known: ["markdown"])
            let markdown = flags.names == ["markdown"]
            for line in Node.commands.reference(markdown: markdown) { Terminal.out(line) }
        case "migrate":
            let kit = try open(try Flags(Array(rest)))
            defer { kit.database.close() }
            Terminal.out("\(kit.data.database(name)) has \(Node.migrations.count) migrations")
        case "check":
            let kit = try open(try Flags(Array(rest)))
            defer { kit.database.close() }
            _ = try await Node(kit)
            Terminal.out("\(name): configuration and database are in order")
        case "backup":
            let (folder, words) = try CallArguments.split(Array(rest))
            guard words.count == 1, let file = words.first else {
                throw UsageError("backup to which file?")
            }
            let environment = ProcessInfo.processInfo.environment
            let data = try DataFolder(folder ?? environment["ATELIER_DATA"] ?? "data")
            try Backup.run(data.database(name), to: file)
            Terminal.out("\(file) is a copy of \(name)'s database")
        case "help", "--help", "-h": Terminal.out(help)
        default:
            guard let command = Node.admin.first(where: { $0.name == verb }) else {
                throw UsageError("no command \(verb)\n\(help)")
            }
            try await administer(command, Array(rest))
        }
    }

    private static var help: String {
        """
        usage: atelier-\(name) <command> [--data <folder>]
          serve               answers calls until it is told to end
          call <method> …     calls the running service; fields are flags
          describe            lists the methods (--markdown for a table)
          migrate             brings the database to the newest form
          check               reads configuration and database, and starts nothing
          backup <file>       copies the database, also while the service runs
        """ + Node.admin.map { "\n  \(padded($0.usage)) \($0.summary)" }.joined()
    }

    private static func padded(_ usage: String) -> String {
        usage + String(repeating: " ", count: max(0, 19 - usage.count))
    }

    // MARK: The parts

    private static func open(_ flags: Flags) throws -> NodeKit {
        try flags.check(known: ["data"])
        return try open(folder: try flags.text("data"))
    }

    private static func open(folder: String?) throws -> NodeKit {
        let environment = ProcessInfo.processInfo.environment
        let data = try DataFolder(folder ?? environment["ATELIER_DATA"] ?? "data")
        let settings = try Settings.load(service: name, data: data, environment: environment)
        let level = settings.text("ATELIER_LOG", default: "info")
        guard let level = LogLevel(level) else {
            throw Fault(.invalid, "ATELIER_LOG is debug, info, warning or error")
        }
        let log = Log(name, level: level)
        let loop = EventLoop("mesh")
        let directory = try data.directory(
            environment, as: name, listening: settings.text("ATELIER_LISTEN")
        ) { trouble in
            log.error("new certificates are not used", ["error": trouble])
        }
        let events = settings.text("ATELIER_LISTEN_EVENTS") ?? directory.events(of: name)
        return NodeKit(
            database: try Database(path: data.database(name), migrations: Node.migrations),
            mesh: MeshClient(SocketTransport(directory, on: loop), as: name),
            publisher: LazyPublisher(url: events, as: directory.identity, log: log),
            directory: directory, loop: loop, settings: settings, data: data, ambient: .live,
            log: log)
    }

    private static func serve(_ kit: NodeKit) async throws {
        let node = try await Node(kit)
        let server = MeshServer(node.routes, log: kit.log, workers: try workers(kit.settings))
        let watch = try LoopWatch(kit.settings, server, log: kit.log)
        defer { watch?.stop() }
        server.allowCaptures(in: "\(kit.data.path)/captures")
        if let file = kit.settings.text("ATELIER_MESH_CAPTURE") {
            try server.capture(to: "\(file).\(name)")
            kit.log.warning("every message is written down", ["file": "\(file).\(name)"])
        }
        defer { server.endCapture() }
        if kit.settings.text("ATELIER_LISTEN_EVENTS") == nil {
            _ = try kit.directory.eventPlace(of: name)
        }
        let place = try kit.settings.text("ATELIER_LISTEN") ?? kit.directory.place(of: name)
        for trouble in kit.directory.identity?.ring.contents().troubles ?? [] {
            kit.log.warning("a key is passed over", ["why": trouble])
        }
        let listening = try server.listen(
            at: place, on: kit.loop, carrier: kit.directory.carrier,
            as: kit.directory.identity)
        kit.log.info("serving", ["methods": "\(Node.commands.cards.count)"])
        let mesh = Running("mesh", run: Running.idle, stop: { await listening.stop() })
        defer { kit.database.close() }
        try await RunGroup(node.jobs + [mesh]).run()
        kit.log.info("stopped")
    }

    /// The threads of the heavy methods.
    private static func workers(_ settings: Settings) throws(Fault) -> Workers {
        let usual = Workers.shared
        let count = try settings.integer("ATELIER_WORKERS", default: usual.count, in: 1...64)
        return count == usual.count ? usual : Workers(count)
    }

    private static func administer(
        _ command: AdminCommand<Node>, _ arguments: [String]
    ) async throws {
        let (folder, arguments) = try CallArguments.split(arguments)
        let kit = try open(folder: folder)
        defer { kit.database.close() }
        let report = try await command.run(try await Node(kit), arguments)
        for line in report.lines { Terminal.out(line) }
        if let failure = report.failure { throw failure }
    }

    private static func call(_ method: String, _ arguments: [String]) async throws {
        let (folder, arguments) = try CallArguments.split(arguments)
        let environment = ProcessInfo.processInfo.environment
        let data = try DataFolder(folder ?? environment["ATELIER_DATA"] ?? "data")
        let mesh = MeshClient(
            SocketTransport(try data.directory(environment, as: "admin"), on: EventLoop()),
            as: "admin")
        do throws(Fault) {
            try await mesh.reach(name, within: .seconds(3))
        } catch {
            guard error.isTransient else { throw error }
            throw Fault(.unavailable, "\(name) is not running in \(data.path)")
        }
        let reply = try await Node.commands.call(method, Flags(arguments), over: mesh)
        Terminal.out(Terminal.isInteractive ? try Render.text(reply) : try Render.json(reply))
    }
}
