import Console
import Glibc
import Log
import Mesh
import MeshContract
import Synchronization
import Testing

@testable import ServiceKit

@Suite("Time, ids, threads and commands", .timeLimit(.minutes(1)))
struct KitTests {
    enum Desk: MeshService {
        static let name = "desk"
        static let contract = Contract(Self.self, Add.self, Rest.self)
    }

    struct Add: MeshMethod {
        typealias Service = Desk
        static let name = "add"
        static let summary = "Adds two numbers."
        static let traits = MethodTraits.read.callers("gateway")
        typealias Reply = Sum
        var left: Int
        var right: Int?
        struct Sum: Codable, Sendable, Equatable { var sum: Int }
    }

    struct Rest: MeshMethod {
        typealias Service = Desk
        static let name = "rest"
        static let summary = "Rests."
        typealias Reply = Done
    }

    @Test("ids sort by their time and differ in the same moment")
    func ids() {
        let times: [Int64] = [0, 1, 31, 32, 1_767_225_600_000, 1_767_225_600_001, 1 << 47]
        let ids = times.map { timeOrderedID("run", at: $0) }
        #expect(ids == ids.sorted())
        for id in ids { #expect(id.hasPrefix("run_") && id.utf8.count == 30) }
        let same = Set((0..<1_000).map { _ in timeOrderedID("run", at: 5) })
        #expect(same.count == 1_000)
        #expect(Set(same.map { $0.prefix(14) }).count == 1)
        #expect(Ambient.live.now() > 1_700_000_000_000)
        #expect(Ambient.live.makeID("x").hasPrefix("x_"))
    }

    @Test("blocking work past its limit is overloaded, at once, and runs again when there is room")
    func poolLimit() async throws {
        let pool = BlockingPool("test", threads: 2, queueLimit: 2)
        let gate = Gate()
        let started = Counter()
        let work = (0..<2).map { _ in
            Task {
                try await pool.run {
                    started.add()
                    gate.wait()
                    return 1
                }
            }
        }
        // Both run at once, each on a thread of its own.
        while started.count < 2 { await Task.yield() }
        let fault = await #expect(throws: Fault.self) { try await pool.run { 2 } }
        #expect(fault?.code == .overloaded)
        gate.open()
        for task in work { #expect(try await task.value == 1) }
        #expect(try await pool.run { 2 } == 2)
    }

    @Test("an error of the work reaches who asked for it")
    func poolErrors() async {
        let pool = BlockingPool("test", threads: 1, queueLimit: 1)
        await #expect(throws: Fault(.conflict, "x")) {
            try await pool.run { throw Fault(.conflict, "x") }
        }
        await #expect(throws: Fault(.conflict, "x")) {
            try await pool.run { throw Fault(.conflict, "x") }
        }
    }

    @Test("a contract is its own reference, as lines and as a table")
    func reference() {
        let commands = Commands(Desk.contract)
        #expect(
            commands.reference(markdown: false) == [
                "add --left <Int> [--right <Int>]  Adds two numbers.",
                "rest                              Rests.",
            ])
        #expect(
            commands.reference(markdown: true) == [
                "| Method | What it does |", "| --- | --- |",
                "| `add --left <Int> [--right <Int>]` | Adds two numbers. |", "| `rest` | Rests. |",
            ])
    }

    @Test("a command's flags become a call of the administrator, and its reply is rendered")
    func call() async throws {
        let loopback = Loopback()
        loopback.add(
            MeshServer(Handlers().routes, log: Log("desk", level: .error, sink: { _ in })))
        let mesh = MeshClient(loopback, as: "admin")
        let commands = Commands(Desk.contract)
        let reply = try await commands.call(
            "add", Flags(["--left", "2", "--right=-5"]), over: mesh)
        #expect(try Render.json(reply) == #"{"sum":-3}"#)
        await #expect(throws: UsageError("--left is missing")) {
            try await commands.call("add", Flags([]), over: mesh)
        }
        await #expect(throws: UsageError("no method sub; there is add, rest")) {
            try await commands.call("sub", Flags([]), over: mesh)
        }
        await #expect(throws: UsageError("--deep is not known here; there is none")) {
            try await commands.call("rest", Flags(["--deep"]), over: mesh)
        }
    }

    struct Handlers {
        var routes: Routes { Routes(Desk.contract, add, rest) }
        private func add(_ request: Add, _: Call) -> Add.Sum {
            Add.Sum(sum: request.left + (request.right ?? 0))
        }
        private func rest(_: Rest, _: Call) -> Done { Done() }
    }

    @Test("the folder of `call` is told from the method's own flags")
    func callArguments() throws {
        func split(_ arguments: String...) throws -> [String?] {
            let (folder, rest) = try CallArguments.split(arguments)
            return [folder] + rest
        }
        #expect(try split("--a", "1") == [nil, "--a", "1"])
        #expect(try split("--a", "1", "--data", "/x", "--b") == ["/x", "--a", "1", "--b"])
        #expect(try split("--data=/x") == ["/x"])
        for wrong in [["--data"], ["--data", "--a"], ["--data="], ["--data", "a", "--data", "b"]] {
            #expect(throws: UsageError.self) { try CallArguments.split(wrong) }
        }
    }
}

/// Holds threads until it is opened, then lets all pass.
final class Gate: Sendable {
    private let ends: (read: Int32, write: Int32)

    init() {
        var pair: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair)
        ends = (pair[0], pair[1])
    }

    deinit { close(ends.read) }

    func wait() {
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
    }

    func open() { close(ends.write) }
}

final class Counter: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
}
