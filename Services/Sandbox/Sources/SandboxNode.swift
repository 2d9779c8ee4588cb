public import Contracts
public import Database
import Glibc
public import Lifecycle
import Log
public import Mesh
import MeshContract
public import ServiceKit

/// The place where code that nobody has read is executed, put together.
public struct SandboxNode: ServiceNode {
    public typealias Service = Sandbox
    public static let migrations = ExecutionStore.migrations
    public static let commands = Commands(Sandbox.contract)

    let mode: Mode
    let allowance: Allowance
    let runner: Runner
    let report: LayerReport
    let store: ExecutionStore
    let flights = Flights()
    let retention: Retention

    /// Reads the settings, then asks a first sandbox which layers hold. A machine that cannot
    /// isolate does not keep the service from starting: it answers, and refuses to execute.
    public init(_ kit: NodeKit) async throws {
        let settings = kit.settings
        mode = try Mode(setting: settings.text("SANDBOX_MODE", default: "auto"))
        allowance = try Allowance(settings)
        runner = try Runner(settings, mode)
        runner.groups?.removeStale()
        report = await Probe(runner: runner).report()
        store = ExecutionStore(database: kit.database, ambient: kit.ambient)
        retention = Retention(
            store: store,
            keepHours: try settings.integer("SANDBOX_KEEP_HOURS", default: 168, in: 1...87_600),
            log: kit.log)
        kit.log.info(
            "isolation",
            [
                "mode": mode.rawValue, "strength": report.strength.rawValue,
                "missing": report.missing.map(\.rawValue).joined(separator: ","),
                "trouble": report.trouble ?? "",
            ])
    }

    public var routes: Routes {
        Routes(Sandbox.contract, execute, layers, executions)
    }

    public var jobs: [Running] {
        [Running("retention", run: { [retention] in try await retention.repeatedly() })]
    }
}

extension Allowance {
    /// What the administrator allows.
    init(_ settings: Settings) throws(Fault) {
        self.init()
        mostWallMilliseconds = try settings.integer(
            "SANDBOX_MAX_WALL_MS", default: mostWallMilliseconds, in: 100...600_000)
        mostMemoryBytes = try settings.integer(
            "SANDBOX_MAX_MEMORY_BYTES", default: mostMemoryBytes, in: 64 << 20...64 << 30)
        usual.diskBytes = try settings.integer(
            "SANDBOX_DISK_BYTES", default: usual.diskBytes, in: Order.maxFileBytes...4 << 30)
        usual.processes = try settings.integer(
            "SANDBOX_PROCESSES", default: usual.processes, in: 8...4_096)
    }
}

extension Runner {
    /// What the administrator set up. Root becomes another user before anything else happens.
    init(_ settings: Settings, _ mode: Mode) throws(Fault) {
        let isRoot = geteuid() == 0
        let user = try settings.integer(
            "SANDBOX_UID", default: Int(Bubblewrap.nobody), in: 1...Int(Int32.max))
        let dropped = isRoot ? UInt32(user) : nil
        if mode == .off {
            confinement = .plain(user: dropped)
        } else {
            confinement = .bubblewrap(
                Bubblewrap(
                    path: settings.text("SANDBOX_BWRAP", default: "/usr/bin/bwrap"),
                    exposed: try Bubblewrap.folders(settings.list("SANDBOX_EXPOSE")),
                    filter: SystemCallFilter.program, user: dropped))
        }
        groups = ControlGroups.find(settings.text("SANDBOX_CGROUP", default: "auto"))
        slots = Slots(
            try settings.integer("SANDBOX_CONCURRENT", default: 4, in: 1...64),
            queue: try settings.integer("SANDBOX_QUEUE", default: 32, in: 0...1_024))
    }
}

extension Bubblewrap {
    fileprivate static func folders(_ list: [String]) throws(Fault) -> [String] {
        for folder in list where !folder.hasPrefix("/") || folder.contains("..") || folder == "/" {
            throw Fault(.invalid, "SANDBOX_EXPOSE takes absolute folders, not \(folder)")
        }
        return list
    }
}
