public import Contracts
public import Database
public import Lifecycle
public import Mesh
import MeshContract
public import ServiceKit

/// The keeper of credits: one ledger, and every rule about what may be taken from it.
public struct BillingNode: ServiceNode {
    public typealias Service = Billing
    public static let migrations = BillingStore.migrations
    public static let commands = Commands(Billing.contract)

    let store: BillingStore
    let housekeeping: Housekeeping
    let now: @Sendable () -> Int64

    /// Reads what the plans give and how long a hold lasts.
    public init(_ kit: NodeKit) async throws {
        let most = Int(Credits.most / Credits.one)
        let terms = Terms(
            free: Credits.one
                * Int64(
                    try kit.settings.integer("BILLING_FREE_CREDITS", default: 100, in: 0...most)),
            starter: Credits.one
                * Int64(
                    try kit.settings.integer(
                        "BILLING_STARTER_CREDITS", default: 1_000, in: 0...most)
                ),
            holdDays: try kit.settings.integer("BILLING_HOLD_DAYS", default: 31, in: 1...3_650))
        now = kit.ambient.now
        store = BillingStore(database: kit.database, terms: terms)
        housekeeping = Housekeeping(
            store: store, now: now,
            pause: .milliseconds(
                try kit.settings.integer(
                    "BILLING_SWEEP_MILLISECONDS", default: 60_000, in: 10...3_600_000)),
            log: kit.log)
    }

    public var routes: Routes {
        Routes(
            Billing.contract, open, status, grant, hold, capture, release, ledger, audit)
    }

    public var jobs: [Running] { [housekeeping.job] }
}
