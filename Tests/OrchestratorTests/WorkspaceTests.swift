import Contracts
import Fakes
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import OrchestratorService

@Suite("Runs of workspaces", .timeLimit(.minutes(1)))
struct WorkspaceTests {
    private func make(
        _ rig: Rig, _ user: String = Rig.user, in workspace: String?, key: String? = nil
    ) async throws -> String {
        rig.mesh.clock.advance(by: .milliseconds(1))
        var request = Rig.request(user: user, key: key)
        request.workspace = workspace
        return try await rig.gateway.call(request).run.id
    }

    @Test("a list holds what is the user's alone and what belongs to the workspaces they are in")
    func lists() async throws {
        let rig = try await Rig(jobs: false)
        let alone = try await make(rig, in: nil)
        let left = try await make(rig, in: "wsp_left")
        let shared = try await make(rig, "usr_2", in: "wsp_1")
        _ = try await make(rig, "usr_2", in: nil)
        func list(_ workspaces: [String]?, _ one: String? = nil) async throws -> [String] {
            try await rig.gateway.call(
                Orchestrator.ListRuns(
                    user: Rig.user, limit: 9, workspaces: workspaces, workspace: one)
            ).runs.map(\.id)
        }
        #expect(try await list(nil) == [left, alone])
        #expect(try await list([]) == [alone])
        #expect(try await list(["wsp_1"]) == [shared, alone])
        #expect(try await list(["wsp_1", "wsp_left"]) == [shared, left, alone])
        #expect(try await list(["wsp_1", "wsp_left"], "wsp_1") == [shared])
        #expect(try await list(["w\"]\\x"]) == [alone])
        let everybody = try await rig.gateway.call(Orchestrator.ListRuns(user: nil, limit: 9))
        #expect(everybody.runs.count == 4)
    }

    @Test("the gateway alone is told where a run belongs, until its workspace is no more")
    func places() async throws {
        let rig = try await Rig(jobs: false)
        let id = try await make(rig, in: "wsp_1", key: "k")
        let place = try await rig.gateway.call(Orchestrator.LocateRun(id: id))
        #expect(place == Orchestrator.RunPlace(user: Rig.user, workspace: "wsp_1"))
        await #expect(throws: Fault.self) {
            try await rig.mesh.client(as: "storage").call(Orchestrator.LocateRun(id: id))
        }
        await #expect {
            _ = try await rig.gateway.call(Orchestrator.LocateRun(id: "run_none"))
        } throws: { ($0 as? Fault)?.code == .notFound }
        // One key makes one run, and not one in another place.
        #expect(try await make(rig, in: "wsp_1", key: "k") == id)
        await #expect(throws: Fault.self) { try await make(rig, in: nil, key: "k") }
        _ = try await rig.gateway.call(Orchestrator.DissolveWorkspace(workspace: "wsp_1"))
        #expect(try await rig.run(id).workspace == nil)
        #expect(try await rig.gateway.call(Orchestrator.LocateRun(id: id)).workspace == nil)
    }

    @Test("what goes on from a run of a workspace belongs there as well")
    func descendants() async throws {
        let rig = try await Rig()
        var request = Rig.request(start: true)
        request.workspace = "wsp_1"
        let id = try await rig.gateway.call(request).run.id
        #expect(await soon { (try? await rig.run(id).state) == "completed" })
        let next = try await rig.gateway.call(
            Orchestrator.ContinueSession(user: Rig.user, id: id, maxRounds: 1, start: false))
        #expect(next.run.workspace == "wsp_1")
        let steps = try await rig.gateway.call(Orchestrator.ListSteps(user: Rig.user, run: id))
        let step = try #require(steps.steps.last?.path)
        let fork = try await rig.gateway.call(
            Orchestrator.ForkRun(user: Rig.user, id: id, fromStep: step))
        #expect(fork.workspace == "wsp_1")
    }
}
