import Contracts
import Durable
import Fakes
import Mesh
import MeshContract
import Refinement
import Testing
import Testkit
import WriteStudio

@Suite("A session that is retried", .timeLimit(.minutes(1)))
struct RetryTests {
    private static let refused = FakeProviders.Script(["Half a "], failure: Fault(.upstream, "no"))

    /// The turns that were asked for, by who and in which life.
    private static func asked(_ rig: Rig) -> [String] {
        rig.providers.asked.map { asked in
            let life = asked.request.key.prefix { $0 != "/" }.drop { $0 != "~" }
            return "\(asked.request.agent)\(life)"
        }
    }

    @Test("what failed is asked anew, and what succeeded is neither asked nor paid again")
    func answer() async throws {
        let rig = try await Rig()
        let isBroken = Shared(true)
        rig.script { agent, _ in
            if agent == "Writer" { return .init(["The text"], costMicroUSD: 2_000) }
            return isBroken.now ? Self.refused : Rig.review(8)
        }
        try await rig.withEngine { engine in
            let failed = try await engine.complete(Rig.input(rounds: 1))
            #expect(failed.state == .failed && failed.code == "upstream")
            #expect(failed.failedStep?.hasSuffix(".ask") == true)
            #expect(try await engine.retry("run_1"))
            // Retried where nothing is mended, it fails again, and can be retried again.
            let again = try await engine.until("run_1") { $0 == .failed }
            #expect(again.life == 2)
            isBroken.change { $0 = false }
            #expect(try await engine.retry("run_1"))
            #expect(try await engine.end(of: "run_1").state == .completed)
            #expect(try await engine.turns().map(\.text).first == "The text")
            #expect(try await engine.turns().last?.reading?.score == 8)
            _ = try await engine.kinds()
        }
        #expect(Self.asked(rig) == ["Writer", "Critic", "Critic~2", "Critic~3"])
        #expect(try await rig.entries("capture").map(\.amount) == [-200, -100])
        #expect(try await rig.status().held == 0)
        #expect(try await rig.audit() == [])
    }

    @Test("of reviews side by side those are asked anew that failed")
    func sideBySide() async throws {
        let rig = try await Rig()
        let broken = Shared<Set<String>>(["One", "Three"])
        rig.script { agent, _ in
            agent == "Writer"
                ? .init(["The text"]) : broken.now.contains(agent) ? Self.refused : Rig.review(6)
        }
        let roles: [(String, Role)] = [
            ("Writer", .writer), ("One", .critic), ("Two", .critic), ("Three", .critic),
        ]
        try await rig.withEngine { engine in
            let input = Rig.input(rounds: 1, parallel: true, roles: roles)
            let failed = try await engine.complete(input)
            #expect(failed.state == .failed)
            broken.change { $0 = [] }
            #expect(try await engine.retry("run_1"))
            #expect(try await engine.end(of: "run_1").state == .completed)
        }
        let asked = Self.asked(rig)
        #expect(asked.first == "Writer")
        #expect(Set(asked) == ["Writer", "One", "Two", "Three", "One~2", "Three~2"])
        #expect(asked.count == 6)
        #expect(try await rig.entries("capture").count == 4)
    }

    @Test("an answer that was cut off is asked for anew")
    func cutOff() async throws {
        let rig = try await Rig()
        let isCut = Shared(true)
        rig.script { agent, _ in
            guard agent == "Writer" else { return Rig.review(5) }
            return isCut.now ? .init(["The text in"], stopReason: "length") : .init(["The text"])
        }
        try await rig.withEngine { engine in
            let failed = try await engine.complete(Rig.input(rounds: 1))
            #expect(failed.state == .failed)
            isCut.change { $0 = false }
            #expect(try await engine.retry("run_1"))
            #expect(try await engine.end(of: "run_1").state == .completed)
        }
        #expect(Self.asked(rig) == ["Writer", "Writer~2", "Critic~2"])
    }

    @Test("an answer that was not paid is taken as it is, and only the rest is paid")
    func unpaid() async throws {
        let rig = try await Rig()
        rig.script { agent, _ in
            agent == "Writer" ? .init(["The text"], costMicroUSD: 10_000) : Rig.review(5)
        }
        try await rig.leave(500)
        try await rig.withEngine { engine in
            let failed = try await engine.complete(Rig.input(rounds: 1))
            #expect(failed.code == "no-credits" && failed.spent == 500)
            // A life that can pay a part pays that, and the next one what is left.
            let orchestrator = rig.mesh.client(as: "orchestrator")
            for amount in [Int64(300), 10_000] {
                let admin = rig.mesh.client(as: "admin")
                _ = try await admin.call(
                    Billing.Grant(account: Rig.user, amount: amount, key: "more \(amount)"))
                #expect(try await engine.retry("run_1"))
                try await engine.until("run_1") { $0.isFinal }
            }
            _ = try await orchestrator.call(Billing.Release(run: "other"))
            let status = try await engine.end(of: "run_1")
            #expect(status.state == .completed && status.spent == 1_100)
        }
        #expect(Self.asked(rig) == ["Writer", "Critic~3"])
        #expect(
            try await rig.entries("capture").map(\.amount) == [-500, -300, -200, -100])
        #expect(try await rig.audit() == [])
    }

    @Test("where the hold had ended before the answer was paid, the next life pays it")
    func holdEnded() async throws {
        let rig = try await Rig()
        rig.providers.release(0)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(rounds: 1), id: "run_1")
            #expect(await soon { rig.providers.asked.count == 1 })
            _ = try await rig.mesh.client(as: "orchestrator").call(Billing.Release(run: "run_1"))
            rig.script { agent, _ in agent == "Writer" ? .init(["The text"]) : Rig.review(5) }
            rig.providers.release(nil)
            #expect(try await engine.end(of: "run_1").code == "conflict")
            #expect(try await engine.retry("run_1"))
            let status = try await engine.end(of: "run_1")
            #expect(status.state == .completed && status.spent == 200)
        }
        #expect(Self.asked(rig) == ["Writer", "Critic~2"])
        #expect(try await rig.entries("capture").map(\.amount) == [-100, -100])
    }

    @Test("runs of the first form are retried alike")
    func firstForm() async throws {
        let rig = try await Rig()
        let isBroken = Shared(true)
        rig.script { agent, _ in
            agent == "Writer"
                ? .init(["The text"]) : isBroken.now ? Self.refused : Rig.review(8)
        }
        let input = SessionInput1(
            user: Rig.user, plan: Rig.plan(rounds: 1), draft: "A draft.", references: [])
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow1.self, input, id: "run_1")
            #expect(try await engine.end(of: "run_1").state == .failed)
            isBroken.change { $0 = false }
            #expect(try await engine.retry("run_1"))
            #expect(try await engine.end(of: "run_1").state == .completed)
        }
        #expect(Self.asked(rig) == ["Writer", "Critic", "Critic~2"])
        #expect(try await rig.entries("capture").count == 2)
    }
}
