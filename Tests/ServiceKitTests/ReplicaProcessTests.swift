import EventLoop
import Glibc
import Mesh
import MeshContract
import Synchronization
import Testing

/// Two processes that answer for one service.
@Suite("Replicas as processes", .timeLimit(.minutes(1)))
struct ReplicaProcessTests {
    @Test("restarted one after the other under load, they lose no call")
    func rolling() async throws {
        let pair = Pair()
        var children = [try pair.start(0), try pair.start(1)]
        #expect(await pair.mesh.ping("billing", within: .seconds(30)))
        try #require(await pair.bothUp())
        let load = Load(pair.mesh)
        for number in [0, 1] {
            await load.goesOn()
            children[number].signal(SIGTERM)
            let (code, output) = try await children[number].end()
            #expect(code == 0, "\(output)")
            await load.goesOn()
            children[number] = try pair.start(number)
            try #require(await pair.bothUp())
        }
        await load.goesOn()
        await load.end()
        #expect(load.faults == [])
        for child in children {
            child.signal(SIGTERM)
            _ = try await child.end()
        }
    }

    @Test("a process that does not know its place among several does not guess it")
    func unknownPlace() async throws {
        let pair = Pair()
        let child = try Child(
            "atelier-billing", ["serve", "--data", pair.scratch.path],
            settings: ["ATELIER_MESH_BILLING": pair.list])
        let (code, output) = try await child.end()
        #expect(code != 0 && output.contains("ATELIER_LISTEN"), "\(output)")
    }
}

/// Where the two are, and who calls them.
private final class Pair: Sendable {
    let scratch = Scratch()
    let loop = EventLoop()
    let mesh: MeshClient
    private let transport: SocketTransport
    private let urls: [String]

    init() {
        let folder = scratch.path
        urls = ["ipc://\(folder)/one.sock", "ipc://\(folder)/two.sock"]
        let directory = MeshDirectory(
            folder: folder, overrides: ["billing": urls.joined(separator: ",")])
        transport = SocketTransport(directory, on: loop)
        mesh = MeshClient(transport, as: "admin")
    }

    deinit {
        transport.close()
        loop.stop()
    }

    var list: String { urls.joined(separator: ",") }

    func start(_ number: Int) throws -> Child {
        try Child(
            "atelier-billing", ["serve", "--data", scratch.path],
            settings: ["ATELIER_MESH_BILLING": list, "ATELIER_LISTEN": urls[number]])
    }

    func bothUp() async -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if mesh.peers.count(where: \.isUp) == 2 { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}

/// Calls without a pause; half of them as if they might be made once only.
private final class Load: Sendable {
    private enum Billing: MeshService { static let name = "billing" }

    private struct Status: MeshMethod {
        typealias Service = Billing
        static let name = "status"
        static let summary = "As billing has it."
        static let traits = MethodTraits.read
        typealias Reply = Done
        var account: String
    }

    private struct StatusOnce: MeshMethod {
        typealias Service = Billing
        static let name = "status"
        static let summary = "The same, not to be repeated."
        typealias Reply = Done
        var account: String
    }

    private struct State {
        var answered = 0
        var isOver = false
        var faults: [Fault] = []
    }

    private let state = Mutex(State())
    private let tasks = Mutex<[Task<Void, Never>]>([])

    init(_ mesh: MeshClient) {
        let tasks = (0..<4).map { lane in
            Task { [self] in
                while !state.withLock({ $0.isOver }) {
                    do throws(Fault) {
                        if lane.isMultiple(of: 2) {
                            _ = try await mesh.call(Status(account: "a"))
                        } else {
                            _ = try await mesh.call(StatusOnce(account: "a"))
                        }
                    } catch {
                        // There is no such account, which is an answer.
                        if error.code != .notFound { state.withLock { $0.faults.append(error) } }
                    }
                    state.withLock { $0.answered += 1 }
                }
            }
        }
        self.tasks.withLock { $0 = tasks }
    }

    /// The first ones: a list of thousands tells no more.
    var faults: [Fault] { state.withLock { Array($0.faults.prefix(5)) } }

    func goesOn() async {
        let goal = state.withLock { $0.answered } + 100
        let end = ContinuousClock.now + .seconds(20)
        while state.withLock({ $0.answered }) < goal {
            guard ContinuousClock.now < end else {
                Issue.record("the load stands still")
                return
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    func end() async {
        state.withLock { $0.isOver = true }
        for task in tasks.withLock({ $0 }) { await task.value }
    }
}
