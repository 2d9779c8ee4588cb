public import Contracts
import Curl
public import Database
import Dialects
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
    let asking: any Asking
    private let settling: Settling
    private let writer: AnswerWriter
    private let watch: OllamaWatch

    public init(_ kit: NodeKit) async throws {
        let config = try ProvidersConfig(kit.settings)
        directory = ProviderDirectory(config)
        let alarms = Alarms(on: kit.loop)
        answers = Answers(limit: config.streamLimit, alarms: alarms)
        store = AnswerStore(database: kit.database, epoch: kit.ambient.makeID("epoch"))
        ambient = kit.ambient
        var limits = HTTPClient.Limits()
        limits.transfers = config.streamLimit + 2  // the looks at Ollama need a place too
        let http = HTTPClient(on: kit.loop, limits: limits)
        let settling = Settling(alarms: alarms, on: kit.loop)
        self.settling = settling
        asking = PlainAsking(
            directory: directory,
            offline: OfflineProvider(
                pool: BlockingPool("offline", threads: 2, queueLimit: config.streamLimit),
                pace: config.offlinePace),
            rule: RetryRule(tries: config.tries),
            reach: { name, endpoint in
                Upstream(
                    http: http, name: name, endpoint: endpoint, timeout: config.timeout,
                    settling: settling)
            },
            makeName: { [ambient = kit.ambient] in String(ambient.makeID("").dropFirst()) })
        writer = AnswerWriter(
            answers: answers, store: store, asking: asking, loop: kit.loop,
            publisher: kit.publisher, ambient: kit.ambient, log: kit.log)
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

    public var jobs: [Running] { [settling.job, writer.job, watch.job, retention.job] }
}
