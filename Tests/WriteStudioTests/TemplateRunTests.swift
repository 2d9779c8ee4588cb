import Contracts
import Durable
import Fakes
import Refinement
import Testing
import Testkit
import WriteStudio

@Suite("A template as a run", .timeLimit(.minutes(1)))
struct TemplateRunTests {
    private static let four: [(String, Role)] = [
        ("Writer", .writer), ("One", .critic), ("Two", .editor),
    ]

    private func rig(_ score: @escaping @Sendable (Int) -> Double = { _ in 5 }) async throws -> Rig
    {
        let rig = try await Rig()
        rig.script { agent, round in
            agent == "Writer" ? .init(["Text \(round)."]) : Rig.review(score(round))
        }
        return rig
    }

    private func agents(_ rig: Rig) -> [String] { rig.providers.asked.map(\.request.agent) }

    @Test("its steps are made in their order: a first draft, rounds, a last word")
    func order() async throws {
        let rig = try await rig()
        try await rig.withEngine { engine in
            let steps: [TemplateStep] = [
                .turn("Writer"), .loop(.init(max: 2, steps: [.turn("Critic"), .turn("Writer")])),
                .turn("Critic"),
            ]
            _ = try await engine.complete(Rig.input(steps: steps))
            #expect(
                agents(rig) == ["Writer", "Critic", "Writer", "Critic", "Writer", "Critic"])
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.rounds == 4)
            #expect(result?.stopReason == "max_rounds")
            #expect(result?.stopText == "All 2 rounds were made.")
            let rounds = try await engine.state(Rig.input(steps: steps)).rounds.map(\.turns.count)
            #expect(rounds == [1, 2, 2, 1])
        }
        let rounds = rig.providers.asked.map { Rig.round(of: $0.request) }
        #expect(rounds == [1, 2, 2, 3, 3, 4])
        #expect(rig.providers.asked[0].request.messages[0].content.contains("Round: 1 of 4"))
        #expect(try await rig.entries("hold").map(\.amount) == [-600])
    }

    @Test("reviews that are good enough end a round before its writer writes over the text")
    func early() async throws {
        let rig = try await rig { $0 >= 3 ? 9 : 5 }
        try await rig.withEngine { engine in
            let loop = LoopPart(
                max: 5, until: .init(score: 8), steps: [.turn("Critic"), .turn("Writer")])
            let steps: [TemplateStep] = [.turn("Writer"), .loop(loop)]
            _ = try await engine.complete(Rig.input(steps: steps))
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.stopReason == "threshold")
            #expect(result?.score == 9)
        }
        #expect(agents(rig) == ["Writer", "Critic", "Writer", "Critic"])
        #expect(rig.storage.artifacts.map { rig.storage.content(of: $0.id) } == ["Text 2."])
    }

    @Test("a score belongs to the text that was read, also where the writer comes after it")
    func bestBeforeWriter() async throws {
        let rig = try await rig { [0, 4, 9, 3, 2][$0] }
        try await rig.withEngine { engine in
            let steps: [TemplateStep] = [
                .loop(.init(max: 4, steps: [.turn("Critic"), .turn("Writer")]))
            ]
            _ = try await engine.complete(Rig.input(steps: steps))
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.bestRound == 2)
        }
        // What the second round's critic read is what the first round's writer wrote.
        #expect(rig.storage.artifacts.map { rig.storage.content(of: $0.id) } == ["Text 1."])
    }

    @Test("a score that stops rising ends it, in words for people")
    func plateau() async throws {
        let rig = try await rig { [0, 6, 7, 7, 7.05, 8][$0] }
        try await rig.withEngine { engine in
            let input = Rig.input(rounds: 5, plateau: Plateau(rounds: 2, within: 0.1))
            _ = try await engine.complete(input)
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.stopReason == "plateau")
            #expect(
                result?.stopText?.hasPrefix("The score stopped rising: after 7 came 7, 7.05")
                    == true)
            #expect(result?.rounds == 4)
        }
    }

    @Test(
        "critics at once are merged for the next writer, without repeats and with conflicts marked")
    func merged() async throws {
        let rig = try await Rig()
        @Sendable func review(_ notes: String...) -> FakeProviders.Script {
            let list = notes.map { "\"\($0)\"" }.joined(separator: ", ")
            return .init(["```json\n{\"score\": 5, \"notes\": [\(list)]}\n```"])
        }
        rig.script { agent, round in
            switch agent {
            case "One": review("Shorten the introduction.", "Cut the part on storms of 1962.")
            case "Two":
                review(
                    "The introduction should be shortened.", "Expand the part on storms of 1962.")
            default: .init(["Text \(round)."])
            }
        }
        try await rig.withEngine { engine in
            _ = try await engine.complete(
                Rig.input(rounds: 2, parallel: true, roles: Self.four))
            let state = try await engine.state(
                Rig.input(rounds: 2, parallel: true, roles: Self.four))
            let merged = try #require(state.rounds[0].merged)
            #expect(merged.entries.count == 3 && merged.repeated == 1 && merged.conflicts == 2)
            #expect(try await engine.kinds().count { $0 == "critique.merged" } == 2)
        }
        let prompt = try #require(
            rig.providers.asked.last { $0.request.agent == "Writer" }?.request.messages[0].content)
        #expect(prompt.contains("1. [One, Two]"))
        #expect(prompt.contains("choose one and keep to it"))
        #expect(!prompt.contains("```json"))
    }

    @Test("a gate waits for a person, and an approval lets it go on")
    func gate() async throws {
        let rig = try await rig()
        let folder = try Folder()
        let input = Rig.input(steps: [
            .turn("Writer"), .turn("Critic"), .gate(.init(name: "final", prompt: "Good?")),
        ])
        try await rig.withEngine(on: folder.file) { engine in
            try await engine.start(RefineWorkflow.self, input, id: "run_1")
            try await engine.until("run_1") { $0 == .waiting }
            let gate = try #require(try await engine.gates("run_1").first)
            #expect(gate.name == "final")
            #expect(gate.question?.prompt == "Good?")
            #expect(gate.question?.options == [])
        }
        // The process ends meanwhile; the gate does not.
        try await rig.withEngine(on: folder.file) { engine in
            #expect(
                try await engine.decide("run_1", gate: "final", GateDecision(decision: "approve")))
            #expect(
                try await !engine.decide("run_1", gate: "final", GateDecision(decision: "reject")))
            #expect(try await engine.end(of: "run_1").state == .completed)
            let result = try await engine.result("run_1", as: SessionResult.self)
            #expect(result?.stopReason == "done")
            let state = try await engine.state(input)
            #expect(state.gates.map(\.gate) == ["final"])
        }
        #expect(agents(rig) == ["Writer", "Critic"])
    }

    @Test("turned down with words, the writer takes another turn with them and asks again")
    func revise() async throws {
        let rig = try await rig()
        rig.providers.answer { request, _ in
            let prompt = request.messages[0].content
            return request.agent == "Writer"
                ? .init([prompt.contains("More on costs") ? "With costs." : "Without."])
                : Rig.review(9)
        }
        try await rig.withEngine { engine in
            let input = Rig.input(steps: [
                .loop(.init(max: 1, steps: [.turn("Writer"), .turn("Critic")])),
                .gate(.init(name: "final", prompt: "Good?")),
            ])
            try await engine.start(RefineWorkflow.self, input, id: "run_1")
            try await engine.until("run_1") { $0 == .waiting }
            try await engine.decide(
                "run_1", gate: "final", GateDecision(decision: "reject", feedback: "More on costs"))
            #expect(
                try await soon { try await engine.gates("run_1").contains { $0.name == "final.2" } }
            )
            try await engine.decide("run_1", gate: "final.2", GateDecision(decision: "approve"))
            #expect(try await engine.end(of: "run_1").state == .completed)
        }
        // What a person has asked for is kept, whatever was scored before.
        #expect(rig.storage.artifacts.map { rig.storage.content(of: $0.id) } == ["With costs."])
    }

    @Test("turned down for good, or not decided in its time, it ends with what there is")
    func stopped() async throws {
        for hours in [nil, 0.01] {
            let rig = try await rig()
            try await rig.withEngine { engine in
                let input = Rig.input(steps: [
                    .turn("Writer"), .turn("Critic"),
                    .gate(.init(name: "g", prompt: "?", onReject: .stop)), .turn("Writer"),
                ])
                try await engine.start(RefineWorkflow.self, input, id: "run_1")
                try await engine.until("run_1") { $0 == .waiting }
                guard hours == nil else { return }
                try await engine.decide("run_1", gate: "g", GateDecision(decision: "reject"))
                #expect(try await engine.end(of: "run_1").state == .completed)
                let result = try await engine.result("run_1", as: SessionResult.self)
                #expect(result?.stopReason == "rejected")
            }
            if hours == nil { #expect(rig.storage.artifacts.count == 1) }
        }
    }

    @Test("references are cut to what the model reads, and what is left out is told")
    func references() async throws {
        let rig = try await rig()
        rig.providers.limit(context: 8_000)
        let long = Material(
            name: "long.md", text: String(repeating: "A line of it.\n", count: 4_000))
        let input = Rig.input(
            rounds: 1, references: [Material(name: "short.md", text: "Short."), long])
        try await rig.withEngine { engine in
            _ = try await engine.complete(input)
            #expect(try await engine.kinds().count { $0 == "references.cut" } == 2)
            let cut = try #require(try await engine.turns().first?.leftOut?.first)
            #expect(cut.name == "long.md" && cut.totalTokens > 13_000)
            #expect(cut.keptTokens > 1_000 && cut.keptTokens < 4_000)
        }
        let request = try #require(rig.providers.asked.first?.request)
        #expect(request.maxTokens == 4_000)
        #expect(request.messages[0].content.contains("Short."))
        #expect(request.messages[0].content.contains("were left out here"))
        let tokens = TokenEstimate.tokens(in: request.messages[0].content + request.system)
        #expect(tokens + request.maxTokens <= 8_000)
    }

    @Test("a document that is too long for a model fails clearly, and nothing is asked")
    func tooLong() async throws {
        let rig = try await rig()
        rig.providers.limit(context: 4_000)
        let draft = String(repeating: "Words and words and words. ", count: 1_000)
        try await rig.withEngine { engine in
            let status = try await engine.complete(Rig.input(rounds: 1, draft: draft))
            #expect(status.state == .failed && status.code == "invalid")
            #expect(status.reason?.contains("reads 4000 tokens at most") == true)
        }
        #expect(rig.providers.asked.isEmpty)
        #expect(try await rig.status().held == 0)
    }
}
