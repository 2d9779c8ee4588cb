import Contracts
import Durable
import Fakes
import Refinement
import Testing
import Testkit
import WriteStudio

@Suite("Runs that began under the first form", .timeLimit(.minutes(1)))
struct Version1Tests {
    private static let input = SessionInput1(
        user: Rig.user, plan: Rig.plan(), draft: "A draft.", references: [])

    @Test(
        "they go on where they were, under the same steps and keys",
        arguments: [
            "run_1:0.hold performed", "run_1:1.round/1.answer performed",
            "run_1:1.round/4.score performed", "run_1:2.round/2.ask performed",
            "run_1:3.store performed",
        ])
    func goesOn(point: String) async throws {
        let rig = try await Rig()
        rig.script { agent, round in
            agent == "Writer" ? .init(["Text \(round)"]) : Rig.review(5)
        }
        let folder = try Folder()
        let died = Shared(false)
        try await rig.withEngine(dyingAt: point, died, on: folder.file) { engine in
            try await engine.start(RefineWorkflow1.self, Self.input, id: "run_1")
            #expect(await soon { died.now })
        }
        try await rig.withEngine(on: folder.file) { engine in
            let status = try await engine.end(of: "run_1")
            #expect(status.state == .completed, "\(status.reason ?? "")")
            #expect(status.version == 1)
            #expect(try await engine.kinds().count { $0 == "turn.completed" } == 4)
            let progress = SessionProgress1(Self.input, try await engine.turns())
            #expect(progress.document == "Text 2")
        }
        #expect(Set(rig.providers.asked.map(\.request.key)).count == 4)
        #expect(try await rig.entries("capture").count == 4)
        #expect(try await rig.status().held == 0)
    }

    @Test("a plan of the first form reads as it was written, without a plateau")
    func plan() throws {
        #expect(Self.input.plan.rules.plateau == nil)
    }
}
