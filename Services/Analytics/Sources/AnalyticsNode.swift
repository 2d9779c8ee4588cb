public import Contracts
public import Database
public import Lifecycle
public import Mesh
import MeshContract
public import ServiceKit

/// The keeper of figures: it reads the other services' logs and answers with sums.
public struct AnalyticsNode: ServiceNode {
    public typealias Service = Analytics
    public static let migrations = AnalyticsStore.migrations
    public static let commands = Commands(Analytics.contract)

    let store: AnalyticsStore
    let feed: Feed<Providers.UsageEntry>

    public init(_ kit: NodeKit) async throws {
        store = AnalyticsStore(database: kit.database)
        feed = Feed(
            Providers.ReadUsage.self, hints: Providers.UsageRecorded.self, of: kit.mesh,
            in: kit.directory, to: store,
            every: .milliseconds(
                try kit.settings.integer(
                    "ANALYTICS_POLL_MILLISECONDS", default: 3_000, in: 10...600_000)),
            log: kit.log)
    }

    public var routes: Routes {
        Routes(Analytics.contract, usage, progress)
    }

    public var jobs: [Running] { [Running("usage-feed", run: feed.run)] }
}
