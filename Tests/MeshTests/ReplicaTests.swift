import EventLoop
import MeshContract
import SP
import Synchronization
import Testing

@testable import Mesh

/// Several processes that answer for one service.
@Suite("Replicas", .timeLimit(.minutes(1)))
struct ReplicaTests {
    @Test("the one with the fewest calls under way is asked", arguments: Way.sockets)
    func leastOutstanding(way: Way) async throws {
        let fleet = try Fleet(way, 3)
        try fleet.startAll()
        let client = try await fleet.connected()
        let held = (0..<12).map { _ in Task { try await client.call(Crew.Hold()).number } }
        for bench in fleet.benches { await bench.held.reaches(4) }
        #expect(client.peers.map(\.outstanding) == [4, 4, 4])
        // One that has fewer gets all that comes, until it has as many.
        fleet.benches[1].door.open()
        #expect(await eventually { client.peers.map(\.outstanding).sorted() == [0, 4, 4] })
        #expect(try await client.call(Crew.Name()).number == 1)
        for bench in fleet.benches { bench.door.open() }
        for task in held { _ = try await task.value }
    }

    @Test("ties are broken by chance, so that no one is always first", arguments: Way.sockets)
    func ties(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        try fleet.startAll()
        let client = try await fleet.connected()
        var seen: Set<Int> = []
        for _ in 0..<64 { seen.insert(try await client.call(Crew.Name()).number) }
        #expect(seen == [0, 1])
    }

    @Test("one that is down is not asked while another is up", arguments: Way.sockets)
    func down(way: Way) async throws {
        let fleet = try Fleet(way, 3)
        try fleet.start(2)
        let client = fleet.client()
        for number in 0..<50 {
            #expect(
                try await client.call(Crew.Take(number: number), within: .seconds(5)).number == 2)
        }
    }

    @Test(
        "with none up a call waits for the first that comes, within its time",
        arguments: Way.sockets)
    func noneUp(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        let client = fleet.client()
        #expect(
            await fault(of: Crew.Name(), client, within: .milliseconds(30))?.code == .timedOut)
        let calls = (0..<20).map { number in
            Task { try await client.call(Crew.Take(number: number)).number }
        }
        let given = Task { await fault(of: Crew.Name(), client) }
        given.cancel()
        #expect(await given.value?.code == .timedOut)
        try fleet.start(1)
        for call in calls { #expect(try await call.value == 1) }
    }

    @Test("a repeatable call whose replica dies goes to another one", arguments: Way.sockets)
    func lost(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        try fleet.startAll()
        let client = try await fleet.connected()
        let calls = (0..<10).map { _ in Task { try await client.call(Crew.Hold()).number } }
        for bench in fleet.benches { await bench.held.reaches(5) }
        await fleet.kill(0)
        await fleet.benches[1].held.reaches(10)
        fleet.benches[1].door.open()
        for call in calls { #expect(try await call.value == 1) }
        #expect(client.retries.first?.retries == 5)
        #expect(client.peers.map(\.lost) == [5, 0])
    }

    @Test(
        "refused by a full replica, even what acts once goes to another one", arguments: Way.sockets
    )
    func overloaded(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        try fleet.start(0, limit: 1)
        try fleet.start(1)
        let client = try await fleet.connected()
        // The full one is the less busy in this client's eyes.
        let other = try await fleet.connected(at: [fleet.urls[0]])
        let full = Task { try await other.call(Crew.Hold()) }
        await fleet.benches[0].held.reaches(1)
        let busy = (0..<40).map { number in
            Task { try await client.call(Crew.Take(number: number)).number }
        }
        for call in busy { #expect(try await call.value == 1) }
        #expect(fleet.taken.all == Dictionary(uniqueKeysWithValues: (0..<40).map { ($0, 1) }))
        fleet.benches[0].door.open()
        _ = try await full.value
    }

    @Test("replicas restarted one after the other under load lose nothing", arguments: Way.sockets)
    func rolling(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        try fleet.startAll()
        let load = CrewLoad(try await fleet.connected())
        let taken = try await load.during {
            for number in [0, 1, 0, 1] {
                await load.goesOn()
                await fleet.stop(number)
                await load.goesOn()
                try fleet.start(number)
            }
        }
        #expect(load.faults == [])
        #expect(load.late == 0)
        #expect(fleet.taken.all == Dictionary(uniqueKeysWithValues: (1...taken).map { ($0, 1) }))
    }

    @Test("the only replica restarted under load loses nothing either", arguments: Way.sockets)
    func single(way: Way) async throws {
        let fleet = try Fleet(way, 1)
        try fleet.startAll()
        let load = CrewLoad(try await fleet.connected())
        let taken = try await load.during {
            for _ in 0..<3 {
                await load.goesOn()
                await fleet.stop(0)
                try fleet.start(0)
            }
        }
        #expect(load.faults == [])
        #expect(load.late == 0)
        #expect(fleet.taken.all == Dictionary(uniqueKeysWithValues: (1...taken).map { ($0, 1) }))
    }

    @Test("repeatable calls outlive replicas that are killed", arguments: Way.sockets)
    func killed(way: Way) async throws {
        let fleet = try Fleet(way, 2)
        try fleet.startAll()
        let load = CrewLoad(try await fleet.connected(), takes: false)
        _ = try await load.during {
            for number in [0, 1, 1, 0] {
                await load.goesOn()
                await fleet.kill(number)
                await load.goesOn()
                try fleet.start(number)
            }
        }
        #expect(load.faults == [])
    }

    @Test("a service that is called from many loops answers all of them")
    func manyLoops() async throws {
        let fleet = try Fleet(.ipc, 3)
        try fleet.startAll()
        let loops = (0..<3).map { _ in EventLoop() }
        defer { for loop in loops { loop.stop() } }
        let client = try await fleet.connected()
        let other = try await fleet.connected()
        let calls = (0..<600).map { number in
            Task(executorPreference: loops[number % 3]) {
                try await (number.isMultiple(of: 2) ? client : other)
                    .call(Crew.Take(number: number)).number
            }
        }
        var seen: [Int: Int] = [:]
        for call in calls { seen[try await call.value, default: 0] += 1 }
        #expect(seen.count == 3)
        #expect(fleet.taken.all.count == 600)
    }

    @Test(
        "what is no list of addresses is refused",
        arguments: ["", ",", "ipc:///tmp/a,ipc:///tmp/a", "ipc:///tmp/a,nonsense"])
    func lists(list: String) async throws {
        let directory = MeshDirectory(folder: "/tmp", overrides: [Crew.name: list])
        #expect(throws: Fault.self) { try directory.addresses(of: Crew.name) }
        #expect(throws: Fault.self) {
            try MeshDirectory(folder: "/tmp", overrides: [Crew.name: "ipc://a,ipc://b"])
                .place(of: Crew.name)
        }
    }
}

/// Calls without a pause while a test does what it does.
final class CrewLoad: Sendable {
    private struct State {
        var next = 0
        var answered = 0
        var late = 0
        var isOver = false
        var faults: [Fault] = []
    }

    private static let deadline = Duration.seconds(15)

    private let state = Mutex(State())
    private let client: MeshClient
    private let takes: Bool

    init(_ client: MeshClient, takes: Bool = true) { (self.client, self.takes) = (client, takes) }

    /// Answers with the number of things that were to be done once. A body that throws ends the load.
    func during(_ body: () async throws -> Void) async throws -> Int {
        try await withThrowingTaskGroup { group in
            for lane in 0..<8 {
                group.addTask { await self.run(takes: self.takes && lane % 2 == 0) }
            }
            defer { state.withLock { $0.isOver = true } }
            try await body()
            await goesOn()
        }
        return state.withLock { $0.next }
    }

    private func run(takes: Bool) async {
        while let number = next(takes) {
            let began = ContinuousClock.now
            let failure =
                number > 0
                ? await fault(of: Crew.Take(number: number), client, within: Self.deadline)
                : await fault(of: Crew.Name(), client, within: Self.deadline)
            note(failure, ContinuousClock.now - began)
        }
    }

    /// The first ones: a list of thousands tells no more.
    var faults: [Fault] { state.withLock { Array($0.faults.prefix(5)) } }
    var late: Int { state.withLock { $0.late } }

    private func next(_ takes: Bool) -> Int? {
        state.withLock { state in
            if state.isOver { return nil }
            guard takes else { return 0 }
            state.next += 1
            return state.next
        }
    }

    private func note(_ fault: Fault?, _ time: Duration) {
        state.withLock { state in
            state.answered += 1
            // A deadline is a timer's: it may fire a little later on a busy machine.
            if time > Self.deadline + .seconds(1) { state.late += 1 }
            if let fault { state.faults.append(fault) }
        }
    }

    /// Waits until many more calls have been answered.
    func goesOn() async {
        let goal = state.withLock { $0.answered } + 200
        let hasGoneOn = await eventually { state.withLock { $0.answered } >= goal }
        #expect(hasGoneOn, "the load stands still")
    }
}
