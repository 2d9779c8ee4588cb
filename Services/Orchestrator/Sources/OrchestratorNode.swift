public import Contracts
import Curl
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
    public static let migrations =
        Engine.migrations + RunStore.migrations + ScheduleStore.migrations
        + WebhookStore.migrations + WriteMigrations.all + CommentStore.migrations
        + NoteworthyStore.migrations
    public static let commands = Commands(Orchestrator.contract)

    let config: OrchestratorConfig
    let store: RunStore
    let schedules: ScheduleStore
    let webhooks: WebhookStore
    let acts: ActStore
    let templates: TemplateStore
    let comments: CommentStore
    let noteworthies: NoteworthyStore
    let bell = Bell()
    let engine: Engine
    let live = LiveText()
    let mesh: MeshClient
    let ambient: Ambient
    let log: Log
    let webhookKey: [UInt8]
    /// For webhooks alone: what they reach must not become a way for anything else.
    let client: HTTPClient

    public init(_ kit: NodeKit) async throws { try await self.init(kit, workflows: []) }

    /// Tests bring workflows of their own.
    init(_ kit: NodeKit, workflows: [any Workflow]) async throws {
        config = try OrchestratorConfig(kit.settings)
        (mesh, ambient, log) = (kit.mesh, kit.ambient, kit.log)
        store = RunStore(database: kit.database)
        schedules = ScheduleStore(database: kit.database)
        webhooks = WebhookStore(database: kit.database)
        webhookKey = try kit.data.key("webhooks")
        var limits = HTTPClient.Limits()
        (limits.transfers, limits.queue, limits.idleConnections) = (16, 64, 16)
        client = HTTPClient(on: kit.loop, limits: limits)
        acts = ActStore(database: kit.database)
        templates = TemplateStore(database: kit.database)
        comments = CommentStore(database: kit.database)
        noteworthies = NoteworthyStore(database: kit.database)
        var options = EngineOptions()
        options.width = config.width
        options.now = kit.ambient.now
        options.report = { [log = kit.log] in log.warning("the engine reports", ["what": $0]) }
        options.mirror = { [bell] db, run, event in
            try RunStore.mirror(db, run, event)
            try WebhookStore.enqueue(run, event, in: db)
            if try NoteworthyStore.note(run, event, in: db) { bell.ring() }
        }
        engine = Engine(
            database: kit.database,
            workflows: [
                RefineWorkflow(mesh: kit.mesh, live: live, desk: acts),
                RefineWorkflow1(mesh: kit.mesh, live: live),
            ] + workflows, options: options)
    }

    public var routes: Routes {
        Routes(
            Orchestrator.contract, createSession, startSession, session, presets, runs, run, events,
            follow, pause, resume, cancel, stats, retry, fork, steps, gates, decide, limit,
            createSchedule, listSchedules, schedule, changeSchedule, deleteSchedule, createWebhook,
            listWebhooks, webhook, changeWebhook, deleteWebhook, deliveries, repeatDelivery,
            continueSession, editDocument, lockPassages, suggestions, decideSuggestion, diff,
            listTemplates, getTemplate, putTemplate, checkTemplate, deleteTemplate, estimate,
            addComment, listComments, locate, dissolve, release, environment,
            noteworthy)
    }

    public var jobs: [Running] {
        [
            Running("engine", run: { [engine] in await engine.run() }), scheduleClock.job,
            WebhookSender(
                store: webhooks, runs: store, engine: engine, client: client, key: webhookKey,
                isPublicOnly: !config.allowsPrivateWebhooks, now: ambient.now,
                pause: config.webhookPause, log: log
            ).job,
            NoteworthyTidying(store: noteworthies, now: ambient.now, log: log).job,
        ]
    }
}
