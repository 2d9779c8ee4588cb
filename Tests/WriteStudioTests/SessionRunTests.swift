import Contracts
import Durable
import Fakes
import MeshContract
import Refinement
import Testing
import Testkit
import WriteStudio

@Suite("A session from its start to its end", .timeLimit(.minutes(1)))
struct SessionRunTests {
    @Test("agents take turns in order, round after round, to the most there are")
    func rounds() async throws {
        let rig = try await Rig()
        rig.script { agent, round in
            agent == "Writer" ? .init(["Text ", "\(round)"]) : Rig.review(Double(round))
        }
        try await rig.withEngine { engine in
            let status = try await engine.complete(Rig.input(rounds: 2))
            #expect(status.state == .completed)
            let result = try #require(
                try await engine.result("run_1", as: SessionResult.self))
            #expect(result.stopReason == "max_rounds")
            #expect(result.rounds == 2)
            #expect(result.bestRound == 2)
            let turn = ["turn.started", "turn.completed"]
            let change = ["document.changed"]
            #expect(
                try await engine.kinds() == ["run.started"]
                    + ["round.started"] + turn + change + turn + ["round.completed"]
                    + ["round.started"] + turn + change + turn + ["round.completed"]
                    + ["document.stored", "run.completed"])
        }
        let asked = rig.providers.asked.map(\.request)
        #expect(asked.map(\.agent) == ["Writer", "Critic", "Writer", "Critic"])
        // Each works on what the one before has made, and the writer is told what was said.
        #expect(asked[0].messages[0].content.contains("A draft."))
        #expect(asked[1].messages[0].content.contains("Text 1"))
        #expect(asked[2].messages[0].content.contains("\"score\": 1.0"))
        #expect(rig.storage.artifacts.map { rig.storage.content(of: $0.id) } == ["Text 2"])
        #expect(rig.storage.artifacts.first?.owner == Rig.user)
        #expect(try await rig.entries("capture").map(\.amount) == [-100, -100, -100, -100])
        #expect(try await rig.status().held == 0)
        #expect(try await rig.audit() == [])
    }

    @Test("it ends as soon as the score is reached")
    func threshold() async throws {
        let rig = try await Rig()
        rig.script { agent, round in
            agent == "Writer" ? .init(["Text \(round)"]) : Rig.review(round == 2 ? 8 : 4)
        }
        try await rig.withEngine { engine in
            _ = try await engine.complete(Rig.input(rounds: 5, threshold: 8))
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.stopReason == "threshold")
            #expect(result?.score == 8)
            #expect(result?.rounds == 2)
        }
        // What was held for rounds that were not needed is free again.
        #expect(try await rig.entries("hold").map(\.amount) == [-1_000])
        #expect(try await rig.status().available == 100_000 - 400)
    }

    @Test("it ends when a round changes nothing")
    func noChange() async throws {
        let rig = try await Rig()
        rig.script { agent, _ in agent == "Writer" ? .init(["Same."]) : Rig.review(5) }
        try await rig.withEngine { engine in
            _ = try await engine.complete(Rig.input(rounds: 5, draft: "Same."))
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.stopReason == "no_change")
            #expect(result?.rounds == 1)
        }
    }

    @Test("the document is the best round's, not the last one's")
    func bestRound() async throws {
        let rig = try await Rig()
        rig.script { agent, round in
            agent == "Writer" ? .init(["Text \(round)"]) : Rig.review([0, 5, 9, 3][round])
        }
        try await rig.withEngine { engine in
            _ = try await engine.complete(Rig.input(rounds: 3))
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.bestRound == 2)
            #expect(result?.score == 9)
        }
        #expect(rig.storage.artifacts.map { rig.storage.content(of: $0.id) } == ["Text 2"])
    }

    @Test("critics side by side read one draft at once, and are all heard")
    func parallel() async throws {
        let rig = try await Rig()
        rig.script { agent, round in
            agent == "Writer" ? .init(["Text \(round)"]) : Rig.review(agent == "One" ? 4 : 6)
        }
        let roles: [(String, Role)] = [
            ("Writer", .writer), ("One", .critic), ("Two", .editor), ("Three", .critic),
        ]
        rig.providers.release(1)
        try await rig.withEngine { engine in
            try await engine.start(
                RefineWorkflow.self, Rig.input(rounds: 2, parallel: true, roles: roles),
                id: "run_1")
            // The writer's only piece is out and its end is not.
            #expect(await soon { rig.providers.asked.count == 1 && rig.providers.reads > 1 })
            rig.providers.release(nil)
            #expect(await soon { rig.providers.asked.count >= 4 })
            _ = try await engine.end(of: "run_1")
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.score.map { ($0 * 100).rounded() } == 533)
            let state = try await engine.state(
                Rig.input(rounds: 2, parallel: true, roles: roles))
            #expect(state.rounds[0].turns.map(\.agent) == ["Writer", "One", "Two", "Three"])
            #expect(try await engine.kinds().count { $0 == "turn.completed" } == 8)
        }
        let second = try #require(
            rig.providers.asked.map(\.request).first { Rig.round(of: $0) == 2 })
        #expect(second.agent == "Writer")
        for name in ["One", "Two", "Three"] { #expect(second.messages[0].content.contains(name)) }
        let reviews = rig.providers.asked.map(\.request)[1...3]
        #expect(reviews.allSatisfy { $0.messages[0].content.contains("Text 1") })
    }

    @Test("an answer without text fails the run, clearly, and frees the hold")
    func empty() async throws {
        let rig = try await Rig()
        rig.script { _, _ in .init([" \n "]) }
        try await rig.withEngine { engine in
            let status = try await engine.complete(Rig.input())
            #expect(status.state == .failed)
            #expect(status.code == "upstream")
            #expect(status.reason == "fake answered with an empty text")
        }
        #expect(try await rig.status().held == 0)
        #expect(rig.storage.artifacts.isEmpty)
    }

    @Test("a provider's failure is told in its words")
    func upstream() async throws {
        let rig = try await Rig()
        rig.script { _, _ in
            .init(["half"], failure: Fault(.upstream, "fake failed", detail: "no such model"))
        }
        try await rig.withEngine { engine in
            let status = try await engine.complete(Rig.input())
            #expect(status.state == .failed)
            #expect(status.code == "upstream")
            #expect(status.reason == "fake failed: no such model")
            #expect(try await engine.kinds().last == "run.failed")
        }
        #expect(try await rig.entries("capture").isEmpty)
        #expect(try await rig.status().held == 0)
    }

    @Test("a turn costs its list price, and the fee at least")
    func prices() async throws {
        let rig = try await Rig()
        rig.script { agent, _ in
            agent == "Writer"
                ? .init(["Text"], costMicroUSD: 12_345)
                : .init(["Score: 5/10"], costMicroUSD: 10)
        }
        try await rig.withEngine { engine in
            _ = try await engine.complete(Rig.input(rounds: 1))
            #expect(try await engine.turns().map(\.charged) == [1_235, 100])
            #expect(try await engine.status("run_1")?.spent == 1_335)
        }
        #expect(try await rig.entries("capture").map(\.amount) == [-1_235, -100])
    }
}
