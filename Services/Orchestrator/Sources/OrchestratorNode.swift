public import Contracts
public import Database
import Durable
public import Lifecycle
import Log
public import Mesh
public import ServiceKit
import WriteStudio

/// The composition root of the orchestrator.
public struct OrchestratorNode: ServiceNode {
    public typealias Service = Orchestrator
    public static let migrations = Engine.migrations + RunStore.migrations
    public static let commands = Commands(Orchestrator.contract)

    let config: OrchestratorConfig
    let store: RunStore
    let engine: Engine
    let live = LiveText()
    let mesh: MeshClient
    let ambient: Ambient

    public init(_ kit: NodeKit) async throws {
        config = try OrchestratorConfig(kit.settings)
        (mesh, ambient) = (kit.mesh, kit.ambient)
        store = RunStore(database: kit.database)
        var options = EngineOptions()
        options.width = config.width
        options.now = kit.ambient.now
        options.report = { [log = kit.log] in log.warning("the engine reports", ["what": $0]) }
        options.mirror = RunStore.mirror
        engine = Engine(
            database: kit.database,
            workflows: [RefineWorkflow(mesh: kit.mesh, live: live)], options: options)
    }

    public var routes: Routes {
        Routes(
            Orchestrator.contract, createSession, startSession, session, presets, runs, run, events,
            follow, pause, resume, cancel, stats)
    }

    public var jobs: [Running] {
        [Running("engine", run: { [engine] in await engine.run() })]
    }
}
