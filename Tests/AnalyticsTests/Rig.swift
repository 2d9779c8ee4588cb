import Contracts
import Database
import Lifecycle
import Mesh
import MeshContract
import ServiceKit
import Synchronization
import Testing
import Testkit

@testable import AnalyticsService

/// The log of a provider service that tests write into and read out of order.
final class UsageBook: Sendable {
    private let entries = Mutex<[Providers.UsageEntry]>([])
    private let faults = Mutex<[Fault]>([])
    private let readings = Mutex<[Int64]>([])

    private let forgotten = Mutex<Int64?>(nil)
    private let end = Mutex<Int64?>(nil)

    /// The numbers after which the log was read.
    var asked: [Int64] { readings.withLock { $0 } }

    func write(_ more: Providers.UsageEntry...) { write(more) }

    /// Entries up to there are gone.
    func prune(upTo seq: Int64) {
        forgotten.withLock { $0 = seq }
        entries.withLock { $0.removeAll { $0.seq <= seq } }
    }

    /// From now on the log says where it ends.
    func tell(newest: Int64) { end.withLock { $0 = newest } }

    func write(_ more: [Providers.UsageEntry]) { entries.withLock { $0 += more } }

    /// The next reads end with these.
    func fail(_ fault: Fault, times: Int) {
        faults.withLock { $0 += Array(repeating: fault, count: times) }
    }

    func read(after seq: Int64, limit: Int) throws -> Providers.UsageLog {
        readings.withLock { $0.append(seq) }
        if let fault = faults.withLock({ $0.popLast() }) { throw fault }
        return Providers.UsageLog(
            entries: entries.withLock { Array($0.filter { $0.seq > seq }.prefix(limit)) },
            pruned: forgotten.withLock { $0 }, newest: end.withLock { $0 })
    }
}

/// The one method of the providers that is used here, over the same mesh.
struct FakeProviders: ServiceNode {
    enum Part {
        static let contract = Contract(Providers.self, Providers.ReadUsage.self)
    }

    typealias Service = Providers
    static let migrations: [Migration] = []
    static let commands = Commands(Part.contract)
    @TaskLocal static var book = UsageBook()

    private let book = FakeProviders.book

    init(_ kit: NodeKit) async throws {}

    var routes: Routes {
        Routes(Part.contract, read)
    }

    @Sendable private func read(
        _ request: Providers.ReadUsage, _ call: Call
    ) async throws -> Providers.UsageLog {
        try book.read(after: request.after, limit: request.limit)
    }
}

/// The service, the log that it reads, and who asks it.
struct Rig {
    let mesh: TestMesh
    let book = UsageBook()
    let node: AnalyticsNode
    let gateway: MeshClient

    init(
        jobs: Bool = false, providers: Bool = false, pollMilliseconds: Int = 10
    ) async throws {
        mesh = try TestMesh()
        gateway = mesh.client(as: "gateway")
        if providers { try await Self.start(book, on: mesh) }
        node = try await mesh.start(
            AnalyticsNode.self,
            environment: ["ANALYTICS_POLL_MILLISECONDS": "\(pollMilliseconds)"], jobs: jobs)
    }

    /// Until then the providers are not there.
    func startProviders() async throws { try await Self.start(book, on: mesh) }

    private static func start(_ book: UsageBook, on mesh: TestMesh) async throws {
        try await FakeProviders.$book.withValue(book) {
            _ = try await mesh.start(FakeProviders.self)
        }
    }

    func usage(
        of user: String? = nil, in run: String? = nil, since: Int64? = nil,
        project: String? = nil
    ) async throws -> Analytics.UsageReport {
        try await gateway.call(
            Analytics.GetUsage(user: user, run: run, since: since, project: project))
    }

    func progress() async throws -> Int64 {
        try await gateway.call(Analytics.GetProgress()).usage
    }
}

/// 2026-01-01T00:00:00Z.
let january: Int64 = 1_767_225_600_000
let hour: Int64 = 3_600_000

/// One turn, the same as any other but for what the test is about.
func turn(
    _ seq: Int64, at: Int64 = january, user: String = "ada", run: String = "r1",
    model: String = "m1", outcome: String = "completed", tokens: Int = 10, cost: Int64? = 100,
    project: String? = nil
) -> Providers.UsageEntry {
    Providers.UsageEntry(
        seq: seq, at: at, user: user, run: run, agent: "writer", provider: "acme", model: model,
        isOffline: false, outcome: outcome, durationMilliseconds: 50,
        usage: Providers.Usage(
            inputTokens: tokens, outputTokens: 2 * tokens, cachedTokens: 0, isEstimated: false,
            costMicroUSD: cost), project: project)
}

/// What so many of those turns come to.
func totals(
    _ turns: Int, failures: Int = 0, tokens: Int = 10, cost: Int64 = 100
) -> Analytics.Totals {
    Analytics.Totals(
        turns: turns, failures: failures, inputTokens: turns * tokens,
        outputTokens: 2 * turns * tokens, costMicroUSD: Int64(turns) * cost,
        durationMilliseconds: Int64(turns) * 50)
}
