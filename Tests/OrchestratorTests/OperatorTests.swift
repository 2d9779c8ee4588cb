import Console
import Contracts
import Durable
import Fakes
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit
import Synchronization
import Testing
import Testkit

@testable import OrchestratorService

@Suite("The operator's commands", .timeLimit(.minutes(1)))
struct OperatorTests {
    private func run(
        _ rig: AskingRig, _ arguments: String...
    ) async throws -> AdminCommand<OrchestratorNode>.Report {
        let command = try #require(OrchestratorNode.admin.first { $0.name == arguments[0] })
        return try await command.run(rig.node, Array(arguments.dropFirst()))
    }

    @Test("runs, show and events tell of every user's runs")
    func looking() async throws {
        let rig = try await AskingRig()
        let one = try await rig.start("first")
        let two = try await rig.start("second", user: "usr_2")
        try await rig.until(one, "waiting")
        _ = await soon { (try? await rig.run(two, user: "usr_2").state) == "waiting" }
        let all = try await run(rig, "runs").lines
        #expect(all.count == 3 && all[0].hasPrefix("RUN"))
        #expect(all.contains { $0.contains(one) && $0.contains("waiting") })
        #expect(try await run(rig, "runs", "--user", "usr_2").lines.count == 2)
        #expect(try await run(rig, "runs", "--state", "failed").lines.count == 1)
        let shown = try await run(rig, "show", one).lines.joined(separator: "\n")
        #expect(shown.contains("waits for gate 1.colour") && shown.contains("test.asking v1"))
        #expect(shown.contains("0.one"))
        let events = try await run(rig, "events", one).lines
        #expect(events.count == 2 && events[1].contains("gate.opened"))
        #expect(try await run(rig, "events", one, "--after", "1", "--json").lines.count == 1)
        await #expect(throws: UsageError.self) { try await run(rig, "show") }
        await #expect(throws: UsageError.self) { try await run(rig, "show", one, two) }
        await #expect(throws: UsageError.self) { try await run(rig, "runs", "--what", "1") }
        #expect(try await refusal { try await run(rig, "show", "run_none") }.code == .notFound)
    }

    @Test("fork, retry and cancel act for the run's user")
    func acting() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a", begin: false)
        Asking.isBroken.withLock { _ = $0.insert(id) }
        try await rig.begin(id, "a")
        try await rig.until(id, "waiting")
        let forked = try await run(rig, "fork", id, "--at", "0.one", "--input", "\"b\"").lines[0]
        let fork = String(forked.prefix { $0 != " " })
        try await rig.until(fork, "waiting")
        #expect(try await run(rig, "cancel", fork).lines.count == 1)
        try await rig.until(fork, "cancelled")
        _ = try await rig.decide(id)
        try await rig.until(id, "failed")
        Asking.isBroken.withLock { _ = $0.remove(id) }
        _ = try await run(rig, "retry", id)
        try await rig.until(id, "completed")
        await #expect(throws: UsageError.self) { try await run(rig, "fork", id) }
    }

    @Test("replay says of each history whether the code still fits it")
    func replay() async throws {
        let rig = try await AskingRig()
        let id = try await rig.start("a")
        try await rig.until(id, "waiting")
        _ = try await rig.decide(id)
        try await rig.until(id, "completed")
        let report = try await run(rig, "replay", id)
        #expect(report.lines == ["\(id) test.asking v1 completed, 3 rows: same"])
        #expect(report.failure == nil)
        let text = try await run(rig, "history", id).lines[0]
        let file = rig.mesh.data.path + "/history.json"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await run(rig, "replay", "--file", file).failure == nil)
        let other = try await run(rig, "replay", "--file", file, "--version", "2")
        #expect(other.lines[0].contains("DIVERGES: no code for test.asking v2"))
        #expect(other.failure?.code == .conflict)
        #expect(
            try await run(rig, "replay", "--all").lines == ["1 histories replayed, 1 fit the code"])
        try "{".write(toFile: file, atomically: true, encoding: .utf8)
        let bad = try await refusal { try await run(rig, "replay", "--file", file) }
        #expect(bad.code == .invalid)
    }
}
