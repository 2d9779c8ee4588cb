import EventLoop
import Glibc
import Log
import MeshContract
import SP
import Synchronization
import Testing

@testable import Mesh

/// A service with several replicas, for tests of the choice among them.
enum Crew: MeshService {
    static let name = "crew"
    static let contract = Contract(Self.self, Name.self, Take.self, Hold.self, Ask.self)
    protocol Method: MeshMethod where Service == Crew, Reply == Member {}

    /// Which replica answered.
    struct Member: Codable, Sendable, Equatable { var number: Int }

    struct Name: Method {
        static let name = "name"
        static let summary = "Says who answers."
        static let traits = MethodTraits.read
        typealias Reply = Member
    }

    struct Take: Method {
        static let name = "take"
        static let summary = "Is to be done once for each number."
        typealias Reply = Member
        var number: Int
    }

    struct Hold: Method {
        static let name = "hold"
        static let summary = "Waits until the test says so."
        static let traits = MethodTraits.read
        typealias Reply = Member
    }

    struct Ask: Method {
        static let name = "ask"
        static let summary = "May be asked twice when the first is slow."
        static let traits = MethodTraits.read.hedged(after: .milliseconds(20))
        typealias Reply = Member
    }
}

/// One replica's handlers, and what they saw.
final class CrewBench: Sendable {
    let number: Int
    let held = Tally()
    let asked = Tally()
    let withdrawn = Tally()
    let door = Door()
    /// Open: questions are answered at once.
    let ready = Door()
    /// How often each number was taken, over all replicas.
    let taken: Ledger

    init(_ number: Int, _ taken: Ledger) { (self.number, self.taken) = (number, taken) }

    var routes: Routes { Routes(Crew.contract, name, take, hold, ask) }

    private func name(_: Crew.Name, _: Call) -> Crew.Member { Crew.Member(number: number) }

    private func take(_ request: Crew.Take, _: Call) async -> Crew.Member {
        taken.add(request.number)
        await Task.yield()
        return Crew.Member(number: number)
    }

    private func hold(_: Crew.Hold, _: Call) async throws -> Crew.Member {
        held.add()
        try await door.pass()
        return Crew.Member(number: number)
    }

    private func ask(_: Crew.Ask, _: Call) async throws -> Crew.Member {
        asked.add()
        do {
            try await ready.pass()
        } catch {
            withdrawn.add()
            throw error
        }
        return Crew.Member(number: number)
    }
}

/// Counts by number.
final class Ledger: Sendable {
    private let counts = Mutex<[Int: Int]>([:])
    func add(_ number: Int) { counts.withLock { $0[number, default: 0] += 1 } }
    var all: [Int: Int] { counts.withLock { $0 } }
}

/// The replicas of the crew, each on a loop of its own, and who calls them.
final class Fleet: Sendable {
    let taken = Ledger()
    let benches: [CrewBench]
    let urls: [String]
    let keys: TestKeys
    private let isNetwork: Bool
    private let tls: MeshTLS?
    private let folder: String
    private let loops: [EventLoop]
    private let callerLoop = EventLoop()
    private let log = Log("test", level: .error, sink: { _ in })
    private let listening = Mutex<[Int: Listening]>([:])
    private let transports = Mutex<[SocketTransport]>([])

    init(_ way: Way, _ count: Int) throws {
        let folder = try scratchFolder()
        self.folder = folder
        isNetwork = way.isNetwork
        keys = TestKeys(folder: folder)
        tls = way == .tls ? try testTLS() : nil
        let scheme = way == .tls ? "tls+tcp" : "tcp"
        urls = try (0..<count).map {
            way.isNetwork
                ? "\(scheme)://127.0.0.1:\(try freePort())" : "ipc://\(folder)/crew\($0).sock"
        }
        loops = (0..<count).map { _ in EventLoop() }
        benches = (0..<count).map { [taken] in CrewBench($0, taken) }
    }

    deinit {
        for transport in transports.withLock({ $0 }) { transport.close() }
        for one in listening.withLock({ $0 }).values { one.listener.close() }
        for loop in loops + [callerLoop] { loop.stop() }
        removeFolder(folder)
    }

    func start(_ number: Int, limit: Int = 4_096) throws {
        let server = MeshServer(benches[number].routes, log: log, limit: limit)
        let one = try again {
            try server.listen(at: urls[number], on: loops[number], as: identity(Crew.name))
        }
        listening.withLock { $0[number] = one }
    }

    private func identity(_ name: String) -> MeshIdentity? {
        guard isNetwork else { return nil }
        keys.ensure(name)
        return keys.identity(name, tls: tls)
    }

    func startAll() throws { for number in urls.indices { try start(number) } }

    /// As if its process had died.
    func kill(_ number: Int) async {
        listening.withLock { $0.removeValue(forKey: number) }?.listener.close()
        await withCheckedContinuation { done in loops[number].performLater { done.resume() } }
    }

    /// As if its process had been told to end.
    func stop(_ number: Int) async {
        await listening.withLock { $0.removeValue(forKey: number) }?.stop(within: .seconds(20))
        await withCheckedContinuation { done in loops[number].performLater { done.resume() } }
    }

    func client(
        rules: Circuit.Rules = Circuit.Rules(), at list: [String]? = nil,
        lookUp: @escaping Replicas.LookUp = { $0.lookUp() }
    ) -> MeshClient {
        let directory = MeshDirectory(
            folder: folder, overrides: [Crew.name: (list ?? urls).joined(separator: ", ")],
            identity: identity("test"))
        let transport = SocketTransport(directory, on: callerLoop, rules: rules, lookUp: lookUp)
        transports.withLock { $0.append(transport) }
        return MeshClient(transport, as: "test")
    }

    /// A client that is connected to all.
    func connected(
        rules: Circuit.Rules = Circuit.Rules(), at list: [String]? = nil
    ) async throws -> MeshClient {
        let client = client(rules: rules, at: list)
        _ = try await client.call(Crew.Name())
        let count = list?.count ?? urls.count
        try #require(await eventually { client.peers.count { $0.isUp } == count })
        return client
    }
}
