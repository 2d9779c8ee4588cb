import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire
import WriteStudio

@testable import OrchestratorService

@Suite("Runs of projects", .timeLimit(.minutes(1)))
struct ProjectTests {
    private func request(_ project: String?, key: String? = nil) -> Orchestrator.CreateSession {
        var request = Rig.request(start: true, key: key)
        request.project = project
        return request
    }

    @Test("every question of a run, and of what goes on from it, is asked for its project")
    func asked() async throws {
        let rig = try await Rig()
        let id = try await rig.gateway.call(request("almanac")).run.id
        let run = try await rig.until(id, "completed")
        #expect(run.project == "almanac")
        let next = try await rig.gateway.call(
            Orchestrator.ContinueSession(user: Rig.user, id: id, maxRounds: 1))
        try await rig.until(next.run.id, "completed")
        let steps = try await rig.gateway.call(Orchestrator.ListSteps(user: Rig.user, run: id))
        let step = try #require(steps.steps.first { $0.path.contains("ask") }?.path)
        let fork = try await rig.gateway.call(
            Orchestrator.ForkRun(user: Rig.user, id: id, fromStep: step))
        let forked = try await rig.until(fork.id, "completed")
        #expect(next.run.project == "almanac" && forked.project == "almanac")
        let asked = rig.providers.asked
        #expect(asked.count >= 5)
        #expect(asked.allSatisfy { $0.request.project == "almanac" }, "\(asked)")
    }

    @Test("without a project nothing of one is asked, listed or journaled")
    func none() async throws {
        let rig = try await Rig()
        let id = try await rig.gateway.call(request(nil)).run.id
        #expect(try await rig.until(id, "completed").project == nil)
        #expect(rig.providers.asked.allSatisfy { $0.request.project == nil })
        let record = try await rig.node.store.record(id, user: Rig.user)
        // As it was written before there were projects: an old key finds its old run.
        let stored = try WireDecoder.decode(WireValue.self, from: record.request)
        #expect(stored["project"] == nil)
    }

    @Test("a list may be of one project; one key makes no run of another")
    func lists() async throws {
        let rig = try await Rig(jobs: false)
        func make(_ project: String?, key: String? = nil) async throws -> String {
            rig.mesh.clock.advance(by: .milliseconds(1))
            var request = request(project, key: key)
            request.start = nil
            return try await rig.gateway.call(request).run.id
        }
        let first = try await make("almanac", key: "k")
        _ = try await make("tides")
        _ = try await make(nil)
        let page = try await rig.gateway.call(
            Orchestrator.ListRuns(user: Rig.user, limit: 9, project: "almanac"))
        #expect(page.runs.map(\.id) == [first])
        #expect(try await make("almanac", key: "k") == first)
        let fault = try await refusal { try await make("tides", key: "k") }
        #expect(fault.code == .conflict)
    }

    @Test(
        "a name that no header could carry is refused",
        arguments: ["", "a\nb", String(repeating: "x", count: 129)])
    func names(name: String) async throws {
        let rig = try await Rig(jobs: false)
        let fault = try await refusal { try await rig.gateway.call(request(name)) }
        #expect(fault.code == .invalid && fault.fields?.map(\.pointer) == ["/project"])
    }
}
