import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit

@testable import OrchestratorService

@Suite("Runs of users who are gone", .timeLimit(.minutes(1)))
struct ReleaseTests {
    @Test("what a user who is gone had under way ends, and begins no more")
    func release() async throws {
        let rig = try await Rig()
        rig.providers.release(0)
        let running = try await rig.make(start: true)
        let queued = try await rig.make()
        let other = try await rig.make(user: "usr_2")
        let cron = Orchestrator.CreateSchedule(
            user: Rig.user, title: nil, cron: "0 6 * * *", zone: nil, overlap: nil,
            session: Rig.request(), key: nil)
        _ = try await rig.gateway.call(cron)
        rig.providers.release(nil)
        let isOver = try await soon {
            do {
                _ = try await rig.gateway.call(Orchestrator.ReleaseUser(user: Rig.user))
                return true
            } catch {
                guard (error as? Fault)?.code == .unavailable else { throw error }
                return false
            }
        }
        #expect(isOver)
        for run in [running, queued] {
            let state = try await rig.run(run.run.id).state
            #expect(state == "cancelled" || state == "completed")
        }
        #expect(try await rig.run(queued.run.id).state == "cancelled")
        #expect(try await rig.run(other.run.id, user: "usr_2").state == "queued")
        let left = try await rig.gateway.call(Orchestrator.ListSchedules(user: Rig.user))
        #expect(left.schedules.isEmpty)
        _ = try await rig.gateway.call(Orchestrator.ReleaseUser(user: "nobody"))
    }
}
