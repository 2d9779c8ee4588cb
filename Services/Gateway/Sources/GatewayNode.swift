public import Contracts
public import Database
import Identity
public import Lifecycle
public import Mesh
public import ServiceKit

/// The composition root of the gateway.
public struct GatewayNode: ServiceNode {
    public typealias Service = Gateway
    public static let migrations =
        AccountStore.migrations + Surface.migrations + NoticeStore.migrations
    public static let commands = Commands(Gateway.contract)
    public static let admin = [keyCommand, auditCommand]

    let config: GatewayConfig
    let accounts: Accounts
    let front: FrontDoor
    let opening: BillingOpening
    let ending: AccountEnding
    let housekeeping: Housekeeping
    let surface: Surface
    let notices: NoticeFeed
    let post: NoticePost
    let credits: CreditWatch
    private let kit: NodeKit

    public init(_ kit: NodeKit) async throws {
        self.kit = kit
        config = try GatewayConfig(kit.settings)
        let store = AccountStore(database: kit.database)
        let (asking, now) = (CurlAsking(on: kit.loop), kit.ambient.now)
        let seconds = { @Sendable in Double(now()) / 1_000 }
        accounts = Accounts(
            store: store, tokens: try TokenKeys(config, data: kit.data),
            passwords: BlockingPool("passwords", threads: 2, queueLimit: 32),
            audit: AuditLog(
                store: AuditStore(database: kit.database), ambient: kit.ambient, log: kit.log),
            outside: OutsideIssuers(config.outside.issuers, asking: asking, now: seconds),
            config: config)
        opening = BillingOpening(store: store, mesh: kit.mesh, log: kit.log)
        ending = AccountEnding(store: store, mesh: kit.mesh, log: kit.log)
        housekeeping = Housekeeping(accounts: accounts, config: config, log: kit.log)
        surface = try await Surface(kit, config)
        let noticeStore = NoticeStore(database: kit.database)
        let making = NoticeStore.Making(
            ambient: kit.ambient, mailsPerHour: config.noticeMailsPerHour)
        notices = NoticeFeed(store: noticeStore, mesh: kit.mesh, making: making, log: kit.log)
        post = NoticePost(
            store: noticeStore, mesh: kit.mesh, base: config.publicURL, now: now, log: kit.log)
        credits = CreditWatch(store: noticeStore, mesh: kit.mesh, making: making, log: kit.log)
        front = FrontDoor(
            config: config, accounts: accounts, opening: opening, ending: ending, surface: surface,
            providers: config.outside.providers(asking: asking, now: seconds), mesh: kit.mesh,
            loop: kit.loop, log: kit.log)
        try await accounts.prepare()
        try await OwnerAccount(accounts: accounts, data: kit.data, log: kit.log).ensure()
    }

    public var routes: Routes {
        Routes(
            Gateway.contract, createUser, listUsers, setPassword, issueToken, rotateKeys, listKeys)
    }

    /// Where it listens, also when port 0 was asked for; nil before it does.
    public var port: Int? { front.port }

    public var jobs: [Running] {
        [opening.job, ending.job, housekeeping.job, notices.job, post.job, credits.job]
            + [front.watches.job] + surface.jobs + [front.job]
    }
}
