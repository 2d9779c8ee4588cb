public import Contracts
import Curl
public import Database
public import Lifecycle
import Log
public import Mesh
public import ServiceKit

/// The composition root of the providers service.
public struct ProvidersNode: ServiceNode {
    public typealias Service = Providers
    public static let migrations = AnswerStore.migrations
    public static let commands = Commands(Providers.contract)

    let directory: ProviderDirectory
    let answers: Answers
    let store: AnswerStore
    let ambient: Ambient
    let retention: Retention
    private let writer: AnswerWriter
    private let watch: OllamaWatch

    public init(_ kit: NodeKit) async throws {
        let config = try ProvidersConfig(kit.settings)
        directory = ProviderDirectory(config)
        answers = Answers(limit: config.streamLimit, alarms: Alarms(on: kit.loop))
        store = AnswerStore(database: kit.database, epoch: kit.ambient.makeID("epoch"))
        ambient = kit.ambient
        var limits = HTTPClient.Limits()
        limits.transfers = config.streamLimit + 2  // the looks at Ollama need a place too
        let http = HTTPClient(on: kit.loop, limits: limits)
        writer = AnswerWriter(
            answers: answers, store: store, directory: directory,
            offline: OfflineProvider(
                pool: BlockingPool("offline", threads: 2, queueLimit: config.streamLimit),
                pace: config.offlinePace),
            http: http, loop: kit.loop, publisher: kit.publisher, ambient: kit.ambient,
            log: kit.log)
        retention = Retention(
            store: store, days: config.retentionDays, usageDays: config.usageDays,
            ambient: kit.ambient, log: kit.log)
        watch = OllamaWatch(http: http, directory: directory, log: kit.log)
        await watch.look()
        kit.log.info("the default provider is known", ["provider": directory.defaultProvider])
    }

    public var routes: Routes {
        Routes(Providers.contract, generate, readStream, cancelStream, models, model, usage)
    }

    public var jobs: [Running] { [writer.job, watch.job, retention.job] }
}
