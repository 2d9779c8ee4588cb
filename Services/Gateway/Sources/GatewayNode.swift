public import Contracts
import Crypto
public import Database
public import Lifecycle
public import Mesh
public import ServiceKit

/// The composition root of the gateway.
public struct GatewayNode: ServiceNode {
    public typealias Service = Gateway
    public static let migrations = AccountStore.migrations
    public static let commands = Commands(Gateway.contract)

    let config: GatewayConfig
    let accounts: Accounts
    let front: FrontDoor
    let opening: BillingOpening
    private let kit: NodeKit

    public init(_ kit: NodeKit) async throws {
        self.kit = kit
        config = try GatewayConfig(kit.settings)
        let store = AccountStore(database: kit.database)
        accounts = Accounts(
            store: store, jwt: JWT(key: try config.secret ?? kit.data.key("jwt")),
            passwords: BlockingPool("passwords", threads: 2, queueLimit: 32), ambient: kit.ambient,
            config: config)
        opening = BillingOpening(store: store, mesh: kit.mesh, log: kit.log)
        front = FrontDoor(
            config: config, accounts: accounts, opening: opening, mesh: kit.mesh,
            loop: kit.loop, log: kit.log)
        try await accounts.prepare()
        try await OwnerAccount(accounts: accounts, data: kit.data, log: kit.log).ensure()
    }

    public var routes: Routes {
        Routes(Gateway.contract, createUser, listUsers, setPassword, issueToken)
    }

    /// Where it listens, also when port 0 was asked for; nil before it does.
    public var port: Int? { front.port }

    public var jobs: [Running] { [opening.job, front.job] }
}
