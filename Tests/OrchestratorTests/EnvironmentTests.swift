import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit

@testable import OrchestratorService

@Suite("The Environment role's check", .timeLimit(.minutes(1)))
struct EnvironmentTests {
    private func target(
        _ model: String, _ state: String, key: String = ""
    ) -> Providers.TargetHealth {
        Providers.TargetHealth(provider: "fake", model: model, key: key, state: state)
    }

    private func check(
        _ rig: Rig, _ models: [String]? = nil
    ) async throws -> Orchestrator.EnvironmentReport {
        try await rig.gateway.call(
            Orchestrator.CheckEnvironment(
                agents: models?.map { .init(provider: "fake", model: $0) }))
    }

    @Test("it says of each model what the providers have seen of it, and what that comes to")
    func states() async throws {
        let rig = try await Rig(billing: false, jobs: false)
        rig.providers.fare(
            .init(
                isHealthy: false, problems: ["fake/c is failing after server"],
                targets: [
                    target("a", "ok"), target("b", "failing", key: "1"),
                    target("b", "ok", key: "2"), target("c", "failing"), target("d", "cooling"),
                    target("e", "unused"), target("f", "failing", key: "own"),
                ]))
        func state(_ models: String...) async throws -> String {
            try await check(rig, models).state
        }
        #expect(try await state("a") == "healthy")
        #expect(try await state("b") == "healthy", "one of its keys serves")
        #expect(try await state("e", "new") == "healthy", "nobody has asked them yet")
        #expect(try await state("a", "c") == "degraded")
        #expect(try await state("c", "d") == "failing")
        // What is wrong with a user's own key says nothing of the installation's.
        let own = try await check(rig, ["f"])
        #expect(own.models.map(\.state) == ["unused"])
        let report = try await check(rig, ["a", "d"])
        #expect(report.models.map(\.state) == ["ok", "cooling"])
        #expect(report.problems == ["fake/c is failing after server"])
        #expect(report.targets.count == 7)
        #expect(try await check(rig).models.map(\.model) == ["fake-1"])
    }

    @Test("providers that do not answer are no health")
    func away() async throws {
        let rig = try await Rig(billing: false, jobs: false)
        rig.providers.fail(Fault(.unavailable, "away"))
        let report = try await check(rig, ["a"])
        #expect(report.state == "failing" && report.models.isEmpty)
        #expect(report.problems == ["the providers service does not answer"])
    }

    @Test("so many models and no more are looked at")
    func bounds() async throws {
        let rig = try await Rig(billing: false, jobs: false)
        let many = Array(repeating: "a", count: 33)
        for models in [[], many] {
            let fault = try await refusal { try await check(rig, models) }
            #expect(fault.code == .invalid && fault.fields?.map(\.pointer) == ["/agents"])
        }
    }
}
