import Contracts
import Durable
import Fakes
import Mesh
import MeshContract
import Synchronization
import Testing
import Testkit

@testable import OrchestratorService

@Suite("Control of runs", .timeLimit(.minutes(1)))
struct RunControlTests {
    @Test("a run that waits says for what, is decided once, and goes on")
    func gate() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a")
        let waiting = try await rig.until(id, "waiting")
        #expect(waiting.waitingFor == "colour")
        let gates = try await rig.gateway.call(
            Orchestrator.ListGates(user: AskingRig.user, run: id)
        ).gates
        let open = try #require(gates.first)
        #expect(open.id == "1.colour" && open.state == "open" && open.options == ["red", "blue"])
        #expect(open.kind == "choice" && open.prompt == "Which?" && open.decision == nil)
        let decided = try await rig.decide(id)
        #expect(decided.state == "decided")
        #expect(decided.decision == #"{"choice":1,"decision":"approve"}"#)
        // Asked again, the same is no error, and another is.
        #expect(try await rig.decide(id).state == "decided")
        let other = try await refusal { try await rig.decide(id, "reject", choice: nil) }
        #expect(other.code == .conflict)
        let done = try await rig.until(id, "completed")
        #expect(done.waitingFor == nil)
        #expect(try await rig.node.engine.result(id, as: String.self) == "<a>blue")
        let kinds = ["run.started", "gate.opened", "gate.decided", "run.completed"]
        #expect(try await rig.events(id) == kinds)
    }

    @Test("a run waits where a child of it waits, and is decided there")
    func childGate() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a", Delegating.self)
        #expect(try await rig.until(id, "waiting").waitingFor == "colour")
        let open = try #require(
            try await rig.gateway.call(Orchestrator.ListGates(user: AskingRig.user, run: id))
                .gates.first)
        #expect(open.id == "0.part/1.colour" && open.child == "\(id)/0.part")
        #expect(open.name == "colour" && open.prompt == "Which?")
        #expect(try await rig.decide(id).child == "\(id)/0.part")
        #expect(try await rig.until(id, "completed").waitingFor == nil)
        #expect(try await rig.node.engine.result(id, as: String.self) == "<a>blue")
    }

    @Test("a decision that does not fit its gate is refused by its field")
    func badDecision() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        func field(_ request: Orchestrator.DecideGate) async throws -> String? {
            let fault = try await refusal { try await rig.gateway.call(request) }
            #expect(fault.code == .invalid)
            return fault.fields?.first?.pointer
        }
        var request = Orchestrator.DecideGate(
            user: AskingRig.user, run: id, gate: "colour", decision: "maybe")
        #expect(try await field(request) == "/decision")
        (request.decision, request.choice) = ("approve", 2)
        #expect(try await field(request) == "/choice")
        (request.choice, request.feedback) = (0, String(repeating: "x", count: 20_001))
        #expect(try await field(request) == "/feedback")
        request.feedback = nil
        request.answers = [.init(question: "q", answer: "a"), .init(question: "q", answer: "b")]
        #expect(try await field(request) == "/answers")
        (request.answers, request.gate) = (nil, "other")
        let absent = try await refusal { try await rig.gateway.call(request) }
        #expect(absent.code == .notFound)
        #expect(try await rig.run(id).state == "waiting")
    }

    @Test("a paused run that is resumed at its gate waits there again")
    func pausedAtGate() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        let (user, mesh) = (AskingRig.user, rig.gateway)
        let paused = try await mesh.call(Orchestrator.PauseRun(user: user, id: id))
        #expect(paused.state == "paused" && paused.waitingFor == nil)
        let resumed = try await mesh.call(Orchestrator.ResumeRun(user: user, id: id))
        #expect(resumed.state == "waiting" && resumed.waitingFor == "colour")
        _ = try await rig.decide(id, "reject", choice: nil, feedback: "dull")
        try await rig.until(id, "completed")
        #expect(try await rig.node.engine.result(id, as: String.self) == "rejected: dull")
    }

    @Test("a failed run is retried from the step that failed, under its id")
    func retry() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a", begin: false)
        Asking.isBroken.withLock { _ = $0.insert(id) }
        try await rig.begin(id, "a")
        try await rig.until(id, "waiting")
        let retry = Orchestrator.RetryRun(user: AskingRig.user, id: id)
        let early = try await refusal { try await rig.gateway.call(retry) }
        #expect(early.code == .conflict || early.code == .notFound)
        _ = try await rig.decide(id)
        let failed = try await rig.until(id, "failed")
        #expect(failed.error == "it is broken" && failed.endedAt != nil)
        Asking.isBroken.withLock { _ = $0.remove(id) }
        let again = try await rig.gateway.call(retry)
        #expect(again.id == id && again.error == nil)
        let done = try await rig.until(id, "completed")
        #expect(done.error == nil && done.stopReason == nil && done.endedAt != nil)
        #expect(
            try await rig.events(id) == [
                "run.started", "gate.opened", "gate.decided", "run.failed", "run.resumed",
                "run.completed",
            ])
        let late = try await refusal { try await rig.gateway.call(retry) }
        #expect(late.code == .conflict)
    }

    @Test("a fork takes another input from a step on, once per key, and names its origin")
    func fork() async throws {
        let rig = try await AskingRig()
        let (user, mesh) = (AskingRig.user, rig.gateway)
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        let steps = try await mesh.call(Orchestrator.ListSteps(user: user, run: id)).steps
        #expect(steps.map(\.path) == ["0.one", "1.colour"])
        #expect(
            steps.map(\.state) == ["done", "open"] && steps.map(\.takesInput) == [true, false])
        let request = Orchestrator.ForkRun(
            user: user, id: id, fromStep: "0.one", input: "\"b\"", key: "k")
        let fork = try await mesh.call(request)
        #expect(fork.id != id && fork.forkedFrom == id && fork.forkedAt == "0.one")
        #expect(fork.title == "a (fork)")
        #expect(try await mesh.call(request).id == fork.id)
        try await rig.until(fork.id, "waiting")
        _ = try await rig.decide(fork.id, choice: 0)
        let done = try await rig.until(fork.id, "completed")
        #expect(try await rig.node.engine.result(fork.id, as: String.self) == "<b>red")
        #expect(done.cost == 100)
        // From the gate on, what came before was paid by the run it comes from.
        let second = try await mesh.call(
            Orchestrator.ForkRun(user: user, id: id, fromStep: "1.colour", title: "T"))
        #expect(second.title == "T")
        try await rig.until(second.id, "waiting")
        _ = try await rig.decide(second.id, choice: 0)
        #expect(try await rig.until(second.id, "completed").cost == 0)
        #expect(try await rig.node.engine.result(second.id, as: String.self) == "<a>red")
        #expect(try await rig.run(id).state == "waiting")
    }

    @Test("a fork that cannot be is refused by its field, and leaves nothing behind")
    func badFork() async throws {
        let rig = try await AskingRig()
        let (user, mesh) = (AskingRig.user, rig.gateway)
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        func field(_ step: String, _ input: String?) async throws -> String? {
            let fault = try await refusal {
                try await mesh.call(
                    Orchestrator.ForkRun(user: user, id: id, fromStep: step, input: input))
            }
            #expect(fault.code == .invalid)
            return fault.fields?.first?.pointer
        }
        #expect(try await field("9.none", nil) == "/from_step")
        #expect(try await field("1.colour", "1") == "/input")
        #expect(try await field("0.one", "{") == "/input")
        #expect(
            try await mesh.call(Orchestrator.ListRuns(user: user, limit: 9)).runs.map(\.id) == [id])
    }

    @Test("a run is paused before the step that would pass its limit, and goes on with more")
    func limit() async throws {
        let rig = try await AskingRig()
        let (user, mesh) = (AskingRig.user, rig.gateway)
        let id = try await rig.start("a", begin: false)
        let limited = try await mesh.call(
            Orchestrator.LimitRun(user: user, id: id, spendLimit: 100))
        #expect(limited.spendLimit == 100 && limited.state == "queued")
        try await rig.begin(id, "a")
        let paused = try await rig.until(id, "paused")
        #expect(paused.stopReason == "spending limit 100 at 1.colour, spent 100")
        _ = try await mesh.call(
            Orchestrator.LimitRun(user: user, id: id, spendLimit: 1_000, seconds: 60))
        _ = try await mesh.call(Orchestrator.ResumeRun(user: user, id: id))
        try await rig.until(id, "waiting")
        let bad = try await refusal {
            try await mesh.call(Orchestrator.LimitRun(user: user, id: id, spendLimit: -1))
        }
        #expect(bad.fields?.first?.pointer == "/spend_limit")
        _ = try await rig.decide(id)
        try await rig.until(id, "completed")
        let late = try await refusal {
            try await mesh.call(Orchestrator.LimitRun(user: user, id: id, seconds: 5))
        }
        #expect(late.code == .conflict)
    }

    @Test("somebody else's run is as good as absent here as well")
    func foreign() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        func refused<M: MeshMethod>(_ request: M) async throws {
            let fault = try await refusal { try await rig.gateway.call(request) }
            #expect(fault.code == .notFound, "\(M.name)")
        }
        let other = "usr_2"
        try await refused(Orchestrator.RetryRun(user: other, id: id))
        try await refused(Orchestrator.ForkRun(user: other, id: id, fromStep: "0.one"))
        try await refused(Orchestrator.ListSteps(user: other, run: id))
        try await refused(Orchestrator.ListGates(user: other, run: id))
        try await refused(Orchestrator.LimitRun(user: other, id: id, spendLimit: 1))
        try await refused(
            Orchestrator.DecideGate(user: other, run: id, gate: "colour", decision: "approve"))
    }

    @Test("a user's runs beyond those at once are queued, and cancelled there without beginning")
    func queued() async throws {
        let rig = try await AskingRig(
            environment: ["ATELIER_RUNS_AT_ONCE_FREE": "1"], jobs: false)
        // Nothing runs yet: every start waits for its place.
        let first = try await rig.start("a")
        let second = try await rig.start("b")
        #expect(try await rig.run(first).state == "queued")
        let cancelled = try await rig.gateway.call(
            Orchestrator.CancelRun(user: AskingRig.user, id: second))
        #expect(cancelled.state == "queued")
        let engine = Task { [node = rig.node] in await node.engine.run() }
        try await rig.until(first, "waiting")
        try await rig.until(second, "cancelled")
        #expect(try await rig.events(second) == ["run.cancelled"])
        #expect(try await rig.run(second).startedAt == nil)
        engine.cancel()
        await engine.value
    }
}
