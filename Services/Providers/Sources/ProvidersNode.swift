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
    public static let migrations = AnswerStore.migrations + MailStore.migrations
    public static let commands = Commands(Providers.contract)

    let directory: ProviderDirectory
    let answers: Answers
    let store: AnswerStore
    let ambient: Ambient
    let retention: Retention
    let asking: any Asking
    let served: ServedStreams
    let desk: ServingDesk
    private let books: Bookkeeper
    private let settling: Settling
    let outside: OutsideDesk
    private let mailSender: MailSender
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
        // The looks at Ollama need a place too.
        limits.transfers = config.streamLimit + config.servedLimit + 2
        limits.idleConnections = 256
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
        books = Bookkeeper(store: store, publisher: kit.publisher, log: kit.log)
        served = ServedStreams(limit: config.servedLimit, alarms: alarms, on: kit.loop)
        desk = ServingDesk(
            asking: asking, directory: directory, streams: served, books: books,
            pool: BlockingPool("reading", threads: 1, queueLimit: config.servedLimit),
            ambient: kit.ambient)
        retention = Retention(
            store: store, days: config.retentionDays, usageDays: config.usageDays,
            ambient: kit.ambient, log: kit.log)
        let outsideConfig = try OutsideConfig(kit.settings)
        outside = OutsideDesk(kit, outsideConfig)
        mailSender = MailSender(
            store: outside.mails, resend: outside.resend,
            rule: MailRule(base: outsideConfig.mailRetry), pause: outsideConfig.mailPause,
            days: outsideConfig.mailDays, ambient: kit.ambient, log: kit.log)
        watch = OllamaWatch(http: http, directory: directory, log: kit.log)
        await watch.look()
        kit.log.info("the default provider is known", ["provider": directory.defaultProvider])
    }

    public var routes: Routes {
        Routes(
            Providers.contract, generate, readStream, cancelStream, models, model, usage, serve,
            readServed, cancelServed, sendMail, mails, searchWeb, makeImage, listOutside)
    }

    public var jobs: [Running] {
        [
            books.job, settling.job, writer.job, served.job, watch.job, retention.job,
            mailSender.job,
        ]
    }
}
