import Contracts
import Durable
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import WriteStudio

@Suite("A session whose neighbours fail", .timeLimit(.minutes(1)))
struct TroubleTests {
    @Test("an answer that a restart has lost is begun again; its text is right and charged once")
    func restart() async throws {
        let rig = try await Rig()
        rig.providers.answer { request, attempt in
            guard request.agent == "Writer" else { return Rig.review(5) }
            return attempt == 1
                ? .init(["Lost ", "words ", "that nobody ", "needs"])
                : .init(["The ", "text ", "in full"], costMicroUSD: 3_000)
        }
        rig.providers.release(2)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(rounds: 1), id: "run_1")
            #expect(await soon { rig.text(of: "run_1") == "Lost words " })
            rig.providers.restart()
            #expect(await soon { rig.text(of: "run_1") == "The text " })
            rig.providers.release(nil)
            #expect(try await engine.end(of: "run_1").state == .completed)
            #expect(try await engine.turns().map(\.text).first == "The text in full")
            #expect(try await engine.kinds().count { $0 == "turn.started" } == 2)
        }
        #expect(rig.providers.asked.map(\.attempt) == [1, 2, 1])
        #expect(Set(rig.providers.asked.prefix(2).map(\.request.key)).count == 1)
        #expect(try await rig.entries("capture").map(\.amount) == [-300, -100])
    }

    @Test("a document that a model cut off does not take the place of a whole one")
    func cutOff() async throws {
        let rig = try await Rig()
        rig.providers.answer { request, _ in
            guard request.agent == "Writer" else { return Rig.review(5) }
            return .init(["The text in"], stopReason: "length")
        }
        rig.providers.release(nil)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(rounds: 1), id: "run_1")
            let end = try await engine.end(of: "run_1")
            #expect(end.state == .failed && end.code == "upstream")
            #expect(try await engine.turns().isEmpty)
        }
    }

    @Test("a fork between a question and its answer asks for itself and pays for itself")
    func forkedBetween() async throws {
        let rig = try await Rig()
        rig.script { agent, _ in
            agent == "Writer" ? .init(["The text"], costMicroUSD: 3_000) : Rig.review(5)
        }
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(rounds: 1), id: "run_1")
            #expect(try await engine.end(of: "run_1").state == .completed)
            let answer = try await engine.outcomes("run_1").map(\.path).last {
                $0.hasSuffix(".answer")
            }
            try await engine.fork("run_1", at: try #require(answer), as: "run_2")
            let end = try await engine.end(of: "run_2")
            #expect(end.state == .completed, "\(end.reason ?? "")")
        }
        // Two turns of the one, and the last one again.
        #expect(rig.providers.asked.count == 3)
        #expect(rig.providers.asked.last?.request.key.hasPrefix("run_2/") == true)
        #expect(try await rig.entries("capture").count == 3)
        #expect(try await rig.audit() == [])
        #expect(try await rig.status().held == 0)
    }

    @Test("a retry after an answer that was paid and could not be used asks anew")
    func retriedAfterPayment() async throws {
        let rig = try await Rig()
        let isCut = Shared(true)
        rig.providers.answer { request, _ in
            guard request.agent == "Writer" else { return Rig.review(5) }
            return .init(["The text"], stopReason: isCut.now ? "length" : "end")
        }
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(rounds: 1), id: "run_1")
            #expect(try await engine.end(of: "run_1").state == .failed)
            isCut.change { $0 = false }
            try await engine.retry("run_1")
            let end = try await engine.until("run_1") { $0 == .completed || $0 == .failed }
            #expect(end.state == .completed, "\(end.reason ?? "")")
        }
        #expect(try await rig.entries("capture").count == 3)
        #expect(try await rig.audit() == [])
    }

    @Test("an answer that is lost again and again is given up")
    func hopeless() async throws {
        let rig = try await Rig()
        rig.script { _, _ in .init(["text"], failure: Fault(.conflict, "lost")) }
        // Each attempt ends in a loss.
        let watcher = Task {
            while !Task.isCancelled {
                rig.providers.restart()
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        defer { watcher.cancel() }
        try await rig.withEngine { engine in
            let status = try await engine.complete(Rig.input(rounds: 1))
            #expect(status.state == .failed)
            #expect(["upstream", "conflict"].contains(status.code))
        }
        #expect(rig.providers.asked.count <= 6)
        #expect(try await rig.status().held == 0)
    }

    @Test("a provider service that is there and refuses every read is not asked without a pause")
    func spinning() async throws {
        let rig = try await Rig()
        rig.providers.failReads(Fault(.unavailable, "not now"))
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(rounds: 1), id: "run_1")
            #expect(await soon { rig.providers.reads > 0 })
            try await Task.sleep(for: .milliseconds(400))
            #expect(rig.providers.reads < 40)
            rig.providers.failReads(nil)
            #expect(try await engine.end(of: "run_1").state == .completed)
        }
        #expect(rig.providers.asked.count == 2)
    }

    @Test("a provider service that is away is waited for")
    func away() async throws {
        let rig = try await Rig()
        rig.script { agent, _ in agent == "Writer" ? .init(["a", "b"]) : Rig.review(5) }
        rig.providers.release(1)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(rounds: 1), id: "run_1")
            #expect(await soon { rig.text(of: "run_1") == "a" })
            rig.providers.fail(Fault(.unavailable, "away"))
            #expect(await soon { rig.providers.reads > 2 })
            rig.providers.release(nil)
            rig.providers.fail(nil)
            #expect(try await engine.end(of: "run_1").state == .completed)
            #expect(try await engine.turns().first?.text == "ab")
        }
        #expect(try await rig.entries("capture").count == 2)
    }

    @Test("billing that is away at the start is waited for")
    func billingAway() async throws {
        let rig = try await Rig(billing: false)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Rig.input(rounds: 1), id: "run_1")
            try await Task.sleep(for: .milliseconds(100))
            #expect(rig.providers.asked.isEmpty)
            try await rig.startBilling()
            #expect(try await engine.end(of: "run_1").state == .completed)
        }
        #expect(try await rig.entries("hold").count == 1)
        #expect(try await rig.status().held == 0)
    }

    @Test("without credits for it a run fails before anything is asked")
    func noCredits() async throws {
        let rig = try await Rig()
        try await rig.leave(399)
        try await rig.withEngine { engine in
            let status = try await engine.complete(Rig.input(rounds: 2))
            #expect(status.state == .failed)
            #expect(status.code == "no-credits")
        }
        #expect(rig.providers.asked.isEmpty)
        #expect(try await rig.status().available == 399)
    }

    @Test("credits used up in the middle end the run; what was written is kept, the hold is freed")
    func usedUp() async throws {
        let rig = try await Rig()
        rig.script { agent, round in
            agent == "Writer"
                ? .init(["Text \(round)"], costMicroUSD: round == 1 ? 0 : 10_000) : Rig.review(5)
        }
        try await rig.leave(700)
        try await rig.withEngine { engine in
            let input = Rig.input(rounds: 3)
            let status = try await engine.complete(input)
            #expect(status.state == .failed)
            #expect(status.code == "no-credits")
            let state = try await engine.state(input)
            #expect(state.kept == "Text 1")
            #expect(state.results.count == 1)
            // What could be taken was taken, and the journal has it.
            #expect(status.spent == 700)
        }
        #expect(try await rig.entries("capture").map(\.amount) == [-100, -100, -500])
        let left = try await rig.status()
        #expect(left.available == 0)
        #expect(left.held == 100_000 - 700)  // the other run's
        #expect(try await rig.audit() == [])
    }
}

extension Rig {
    /// What is being written in a run, over all its steps.
    func text(of run: String) -> String {
        live.pieces(of: run, beyond: []).map(\.text).joined()
    }
}
