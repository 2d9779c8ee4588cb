import Database
public import EventLoop
import FoundationEssentials
import Glibc
import Lifecycle
import Log
public import Mesh
import MeshContract
public import ServiceKit
import Synchronization

/// Services in one process over a loopback mesh, each with a fresh database and folder: a system
/// test in milliseconds, without a port.
public final class TestMesh: Sendable {
    public let clock = ManualClock()
    public let loop = EventLoop()
    public let data: DataFolder
    private let loopback = Loopback()
    private let jobs = Mutex<[Task<Void, any Error>]>([])
    private let databases = Mutex<[Database]>([])

    /// Makes a private folder that goes away with this object.
    public init() throws {
        data = try DataFolder("/tmp/atelier-test-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    }

    deinit {
        for job in jobs.withLock({ $0 }) { job.cancel() }
        for database in databases.withLock({ $0 }) { database.close() }
        loop.stop()
        try? FileManager.default.removeItem(atPath: data.path)  // a test's litter is no failure
    }

    /// A caller as the services know it: `gateway`, `orchestrator`, `admin` …
    public func client(as caller: String) -> MeshClient { MeshClient(loopback, as: caller) }

    /// What a node of this mesh is made from.
    public func kit<Node: ServiceNode>(
        for _: Node.Type, environment: [String: String] = [:]
    ) throws -> NodeKit {
        let name = Node.Service.name
        let database = try Database(path: ":memory:", migrations: Node.migrations)
        databases.withLock { $0.append(database) }
        return NodeKit(
            database: database, mesh: client(as: name), publisher: SilentPublisher(),
            directory: MeshDirectory(folder: data.path + "/run"), loop: loop,
            settings: Settings(environment: environment), data: data,
            ambient: Ambient(
                now: { [clock] in clock.now },
                makeID: { [clock] in timeOrderedID($0, at: clock.now) }
            ),
            log: Log(name, level: .error))
    }

    /// Makes a node, lets the others call it and, when asked, runs its jobs.
    @discardableResult
    public func start<Node: ServiceNode>(
        _ type: Node.Type, environment: [String: String] = [:], jobs: Bool = true
    ) async throws -> Node {
        let kit = try kit(for: type, environment: environment)
        let node = try await Node(kit)
        loopback.add(MeshServer(node.routes, log: kit.log))
        if jobs {
            for job in node.jobs {
                let task = Task { try await job.start() }
                self.jobs.withLock { $0.append(task) }
            }
        }
        return node
    }
}

/// A wall clock that only tests turn.
public final class ManualClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_767_225_600_000)  // 2026-01-01T00:00:00Z

    public init() {}

    public var now: Int64 { milliseconds.withLock { $0 } }

    public func advance(by time: Duration) {
        milliseconds.withLock { $0 += Int64(time.nanoseconds / 1_000_000) }
    }
}

/// Asks again until `condition` holds or the time is over; answers with whether it held.
public func eventually(
    within time: Duration = .seconds(30), _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
