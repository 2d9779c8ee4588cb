import Contracts
import Database
import Fakes
import Mesh
import MeshContract
import Synchronization
import Testing
import Testkit

@testable import Durable
@testable import OrchestratorService

@Suite("What people may want to be told of", .timeLimit(.minutes(1)))
struct NoteworthyTests {
    private func list(
        _ rig: AskingRig, after: Int64 = 0, limit: Int = 100, wait: Int = 0
    ) async throws -> Orchestrator.NoteworthyPage {
        try await rig.gateway.call(
            Orchestrator.ListNoteworthy(after: after, limit: limit, waitMilliseconds: wait),
            within: .seconds(30))
    }

    private func kinds(_ rig: AskingRig) async throws -> [String] {
        try await list(rig).entries.map(\.kind)
    }

    @Test("a gate and an end are noted once, with the run's title, its owner and what is asked")
    func noted() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        let waiting = try #require(try await list(rig).entries.first)
        #expect(waiting.kind == "gate_waiting" && waiting.run == id && waiting.title == "a")
        #expect(waiting.user == AskingRig.user && waiting.workspace == nil)
        #expect(waiting.detail == "Which?" && waiting.at == rig.mesh.clock.now)
        _ = try await rig.decide(id)
        try await rig.until(id, "completed")
        let all = try await list(rig)
        #expect(all.entries.map(\.kind) == ["gate_waiting", "run_completed"])
        #expect(all.newest == all.entries.last?.seq)
        let rest = try await list(rig, after: waiting.seq)
        #expect(rest.entries == Array(all.entries.dropFirst()))
        #expect(try await list(rig, limit: 1).entries == [waiting])
    }

    @Test("a gate of a child is noted of the run that it is part of, and its end is not")
    func child() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a", Delegating.self)
        try await rig.until(id, "waiting")
        _ = try await rig.decide(id)
        try await rig.until(id, "completed")
        let all = try await list(rig).entries
        #expect(all.map(\.kind) == ["gate_waiting", "run_completed"])
        #expect(all.allSatisfy { $0.run == id })
    }

    @Test("a run that its user cancels is not noteworthy")
    func cancelled() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        _ = try await rig.gateway.call(Orchestrator.CancelRun(user: AskingRig.user, id: id))
        try await rig.until(id, "cancelled")
        #expect(try await kinds(rig) == ["gate_waiting"])
    }

    @Test("a retry notes what comes of it, and nothing that it takes over; so does a fork")
    func again() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a", begin: false)
        Asking.isBroken.withLock { _ = $0.insert(id) }
        try await rig.begin(id, "a")
        try await rig.until(id, "waiting")
        _ = try await rig.decide(id)
        try await rig.until(id, "failed")
        #expect(try await list(rig).entries.last?.detail == "it is broken")
        Asking.isBroken.withLock { _ = $0.remove(id) }
        _ = try await rig.gateway.call(Orchestrator.RetryRun(user: AskingRig.user, id: id))
        try await rig.until(id, "completed")
        let own = ["gate_waiting", "run_failed", "run_completed"]
        #expect(try await kinds(rig) == own)
        let fork = try await rig.gateway.call(
            Orchestrator.ForkRun(user: AskingRig.user, id: id, fromStep: "2.two"))
        try await rig.until(fork.id, "completed")
        let all = try await list(rig).entries
        #expect(all.map(\.kind) == own + ["run_completed"])
        #expect(all.last?.run == fork.id && all.last?.title == "a (fork)")
    }

    @Test("a gate that opens again undecided is not noted again, nor an event that is told twice")
    func reopened() async throws {
        let rig = try await AskingRig(jobs: false)
        let id = try await rig.start("a", begin: false)
        let opened = try Codec.encode(
            GateOpened(gate: "1.colour", name: "colour", question: nil, due: nil))
        let decided = try Codec.encode(
            GateDecided(gate: "1.colour", name: "colour", decision: nil, by: nil))
        func note(_ seq: Int64, _ kind: String, _ body: [UInt8]) async throws -> Bool {
            let event = LoggedEvent(seq: seq, at: 1, kind: kind, body: body)
            return try await rig.node.store.database.transaction {
                try NoteworthyStore.note(id, event, in: $0)
            }
        }
        #expect(try await note(1, RunEvent.gateOpened, opened))
        #expect(try await !note(1, RunEvent.gateOpened, opened))
        #expect(try await !note(2, RunEvent.gateOpened, opened))
        #expect(try await !note(3, RunEvent.gateDecided, decided))
        #expect(try await note(4, RunEvent.gateOpened, opened))
        let reason = "look" + String(repeating: "\u{301}", count: 9_999)
        let attention = try Codec.encode(StateChange(state: .attention, reason: reason))
        #expect(try await note(5, RunEvent.attention, attention))
        let all = try await list(rig).entries
        #expect(all.map(\.kind) == ["gate_waiting", "gate_waiting", "run_attention"])
        #expect(all[1].detail == "colour" && all[2].detail?.unicodeScalars.count == 500)
    }

    @Test("who asks for more than there is waits for it, and nobody but the gateway asks")
    func waited() async throws {
        let rig = try await AskingRig()
        async let news = list(rig, wait: 30_000)
        // Only once it waits is there something to be waited for.
        #expect(await soon { rig.node.bell.isHeard })
        let id = try await rig.start("a")
        #expect(try await news.entries.map(\.run) == [id])
        let known = try await list(rig).newest
        #expect(try await list(rig, after: known, wait: 1).entries.isEmpty)
        // A log that ends before the cursor is said at once.
        #expect(try await list(rig, after: known + 9, wait: 30_000).newest == known)
        #expect(await soon { !rig.node.bell.isHeard })
        let fault = try await refusal {
            try await rig.mesh.client(as: "analytics").call(
                Orchestrator.ListNoteworthy(after: 0, limit: 1, waitMilliseconds: 0))
        }
        #expect(fault.code == .denied)
    }

    @Test("what is old, and what is too much, is forgotten from the oldest on; numbers go on")
    func forgotten() async throws {
        let rig = try await AskingRig(jobs: false)
        let id = try await rig.start("a", begin: false)
        let store = rig.node.noteworthies
        let body = try Codec.encode(StateChange(state: .completed))
        func add(_ range: ClosedRange<Int64>) async throws {
            for seq in range {
                let event = LoggedEvent(seq: seq, at: seq, kind: RunEvent.completed, body: body)
                try await store.database.transaction {
                    _ = try NoteworthyStore.note(id, event, in: $0)
                }
            }
        }
        try await add(1...6)
        #expect(try await store.forget(before: 3, atOnce: 1) == 1)
        #expect(try await store.forget(before: 3) == 1)
        #expect(try await list(rig).entries.map(\.at) == [3, 4, 5, 6])
        #expect(try await store.forget(before: 0, most: 2) == 2)
        #expect(try await list(rig).entries.map(\.at) == [5, 6])
        #expect(try await store.forget(before: 9) == 2)
        #expect(try await list(rig).newest == 6)
        try await add(7...7)
        #expect(try await list(rig, after: 6).entries.map(\.seq) == [7])
    }
}
