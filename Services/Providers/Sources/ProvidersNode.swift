public import Contracts
import Curl
public import Database
import Dialects
public import Lifecycle
import Log
public import Mesh
import MeshContract
import Routing
public import ServiceKit

/// The composition root of the providers service.
public struct ProvidersNode: ServiceNode {
    public typealias Service = Providers
    public static let migrations =
        AnswerStore.migrations + MailStore.migrations
        + [AnswerStore.billionths, BudgetStore.migration, ProviderKeyStore.migration]
        + [BudgetStore.owners]
    public static let commands = Commands(Providers.contract)

    let directory: ProviderDirectory
    let answers: Answers
    let store: AnswerStore
    let ambient: Ambient
    let retention: Retention
    let asking: any Asking
    let traffic: Traffic
    let budgets: BudgetKeeper
    let keys: KeyVault
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
        let ways = try Ways(
            config, kit.settings, file: try Ways.file(kit.settings, "ATELIER_ROUTES"))
        let prices = try Ways.file(kit.settings, "ATELIER_PRICES")
        directory = ProviderDirectory(
            config, ways, prices: try prices.map(PriceBook.listed.reading) ?? .listed)
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
        traffic = Traffic(ways.book, alarms: alarms)
        let spending = BudgetStore(database: kit.database, epoch: store.epoch)
        budgets = BudgetKeeper(
            spending, fixed: ways.book.budgets,
            ambient: kit.ambient, log: kit.log)
        keys = KeyVault(
            ProviderKeyStore(database: kit.database),
            try .load(kit.settings) { () throws(Fault) in try kit.data.key("provider-keys") },
            ambient: kit.ambient, log: kit.log)
        try await budgets.load()
        try await keys.load()
        let routed = RoutedAsking(
            directory: directory, traffic: traffic, budgets: budgets, keys: keys,
            offline: OfflineProvider(
                pool: BlockingPool("offline", threads: 2, queueLimit: config.streamLimit),
                pace: config.offlinePace),
            reach: { name, endpoint in
                Upstream(
                    http: http, name: name, endpoint: endpoint, timeout: config.timeout,
                    settling: settling)
            },
            makeName: { [ambient = kit.ambient] in String(ambient.makeID("").dropFirst()) },
            now: kit.ambient.now)
        asking = KeptAsking(
            asking: routed, directory: directory, keys: keys,
            kept: KeptAnswers(ways.book.cache))
        writer = AnswerWriter(
            answers: answers, store: store, asking: asking, directory: directory, loop: kit.loop,
            publisher: kit.publisher, ambient: kit.ambient, log: kit.log)
        books = Bookkeeper(store: store, publisher: kit.publisher, log: kit.log)
        served = ServedStreams(limit: config.servedLimit, alarms: alarms, on: kit.loop)
        desk = ServingDesk(
            asking: asking, directory: directory, streams: served, books: books,
            pool: BlockingPool("reading", threads: 1, queueLimit: config.servedLimit),
            ambient: kit.ambient)
        retention = Retention(
            store: store, spending: spending, budgets: budgets, days: config.retentionDays,
            usageDays: config.usageDays, ambient: kit.ambient, log: kit.log)
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
            readServed, cancelServed, sendMail, mails, searchWeb, makeImage, listOutside, health,
            setBudget, deleteBudget, forgetBudgets, listBudgets, putProviderKey, listProviderKeys,
            deleteProviderKey
        ).measured { [traffic] in Measuring.measures(traffic.view.targets) }
    }

    public var jobs: [Running] {
        [
            books.job, settling.job, writer.job, served.job, watch.job, retention.job,
            mailSender.job,
        ]
    }
}
