import Contracts
import Mesh
import MeshContract
import Testing
import Testkit

@testable import ProvidersService

/// What is asked for a project, by runs and by outside clients, stands under one budget and one name.
@Suite("Projects")
struct ProjectTests {
    private func question(
        _ key: String, user: String = "user_1", _ project: String?
    ) -> Providers.Generate {
        Providers.Generate(
            key: key, user: user, run: "run_1", agent: "writer", model: "gpt-4o", system: "",
            messages: [.init(role: "user", content: "Hello there.")], maxTokens: 1_000,
            project: project)
    }

    private func outside(_ project: String?) -> Providers.Serve {
        let body =
            #"{"model": "gpt-4o", "stream": true, "messages": [{"role": "user", "content": "Hi"}]}"#
        return Providers.Serve(
            interface: .chat, user: "user_1", apiKeyID: "key_1",
            fields: project.map { [.init("openai-project", $0)] } ?? [], body: Array(body.utf8))
    }

    /// What 10 tokens of $2.50 and 5 of $10 a million come to.
    private static let cost: Int64 = 75_000

    @Test("a project's budget holds for runs and for outside clients together, and for no other")
    func budget() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        let admin = rig.rig.test.client(as: "billing")
        let gateway = rig.rig.test.client(as: "gateway")
        // One answer of 1,000 tokens fits, and no second one once the first has cost something.
        _ = try await admin.call(
            Providers.SetBudget(
                .init(
                    name: "team", scope: "project", subject: "user_1/almanac", period: "day",
                    limitNanoUSD: 10_100_000, allowsUnpriced: false)))
        #expect(try await rig.rig.fault(question("1", "almanac")) == nil)
        let accounts = try await rig.rig.mesh.call(
            Providers.ListBudgets(subject: "user_1/almanac")
        ).accounts
        #expect(accounts.map(\.spentNanoUSD) == [Self.cost])
        _ = try await admin.call(
            Providers.SetBudget(
                .init(
                    name: "team", scope: "project", subject: "user_1/almanac", period: "day",
                    limitNanoUSD: 10_000_000, allowsUnpriced: false)))
        #expect(try await rig.rig.fault(question("2", "almanac"))?.code == .capped)
        #expect(try await gateway.call(outside("almanac")).status == 429)
        #expect(try await rig.rig.fault(question("3", "tides")) == nil)
        #expect(try await rig.rig.fault(question("4", nil)) == nil)
        #expect(try await rig.rig.fault(question("5", user: "user_2", "almanac")) == nil)
        #expect(try await gateway.call(outside(nil)).status == 200)
    }

    @Test("the usage log names the project as its user does")
    func log() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        // An accent that would join what stands before it.
        let odd = "\u{301}tides"
        #expect(try await rig.rig.fault(question("1", "almanac")) == nil)
        #expect(try await rig.rig.fault(question("2", nil)) == nil)
        _ = try await rig.rig.test.client(as: "gateway").call(outside(odd))
        #expect(try await eventually { try await rig.entries().count == 3 })
        #expect(try await rig.entries().map(\.project) == ["almanac", nil, odd])
    }

    @Test("the same key for another project is another request")
    func keys() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        #expect(try await rig.rig.fault(question("1", "almanac")) == nil)
        #expect(try await rig.rig.fault(question("1", "tides"))?.code == .conflict)
        #expect(try await rig.rig.fault(question("2", ""))?.code == .invalid)
    }
}
