import Contracts
import Durable
import Fakes
import Refinement
import Testing
import Testkit
import WriteStudio

@Suite("A person and agents on one document", .timeLimit(.minutes(1)))
struct HandsTests {
    private static let draft = """
        The tide is low. The boats lie still.

        It is night.

        """

    /// A writer who answers as a test says, and a critic who is content.
    private func rig(
        _ text: @escaping @Sendable (_ round: Int, _ prompt: String) -> String
    ) async throws -> Rig {
        let rig = try await Rig()
        rig.providers.answer { request, _ in
            let prompt = request.messages[0].content
            let answer = text(Rig.round(of: request), prompt)
            return request.agent == "Writer"
                ? .init([String(answer.prefix(3)), String(answer.dropFirst(3))]) : Rig.review(5)
        }
        return rig
    }

    private static func input(_ rounds: Int) -> SessionInput {
        Rig.input(rounds: rounds, draft: draft)
    }

    @Test("an edit made during a turn is merged into its answer, and the next turn builds on both")
    func edit() async throws {
        let rig = try await rig { round, prompt in
            let text = Self.draft.replacing("still", with: "quiet")
            return round == 1 ? text : prompt.contains("It is midnight.") ? "Seen." : "Not seen."
        }
        rig.providers.release(1)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Self.input(2), id: "run_1")
            #expect(await soon { rig.text(of: "run_1").isEmpty == false })
            let mine = Self.draft.replacing("night", with: "midnight")
            #expect(rig.desk.put(edit: .init(text: mine, base: 0)))
            rig.providers.release(nil)
            try await engine.end(of: "run_1")
            let state = try await engine.state(Self.input(2))
            let merged = mine.replacing("still", with: "quiet")
            #expect(state.manuscript.versions.map(\.text).contains(merged))
            #expect(state.manuscript.version(2)?.author == .person)
            #expect(try await engine.kinds().count { $0 == "person.heard" } == 1)
            #expect(state.rounds[1].turns[0].text.hasPrefix("Seen"))
        }
    }

    @Test("whatever comes up to the end is taken in; what comes later is known to be late")
    func lastMoment() async throws {
        let rig = try await rig { _, _ in Self.draft.replacing("still", with: "quiet") }
        rig.providers.release(0)
        try await rig.withEngine { engine in
            try await engine.start(RefineWorkflow.self, Self.input(1), id: "run_1")
            #expect(await soon { rig.providers.asked.count == 1 })
            rig.providers.release(nil)
            #expect(await soon { rig.providers.asked.count == 2 })
            let mine = Self.draft.replacing("night", with: "dawn")
            let isInTime = rig.desk.put(edit: .init(text: mine, base: 0))
            try await engine.end(of: "run_1")
            let text = try await engine.state(Self.input(1)).manuscript.text
            if isInTime {
                #expect(text == mine.replacing("still", with: "quiet"))
                #expect(rig.storage.artifacts.map { rig.storage.content(of: $0.id) } == [text])
            }
            #expect(!rig.desk.put(edit: .init(text: "late", base: 0)))
        }
    }

    @Test("a locked passage comes through every answer, and the writer is told of it")
    func lock() async throws {
        let rig = try await rig { round, _ in
            round == 1
                ? "The tide is high. The boats lie quite still.\n\nIt is night.\n"
                : "All new. Nothing is left.\n"
        }
        try await rig.withEngine { engine in
            var input = Self.input(2)
            input.locks = ["The boats lie still."]
            _ = try await engine.complete(input)
            let state = try await engine.state(input)
            for version in state.manuscript.versions {
                #expect(version.text.contains("The boats lie still."))
            }
            #expect(state.manuscript.suggestions.contains { $0.obstacle == .lock })
            #expect(state.manuscript.version(1)?.text.contains("The tide is high.") == true)
        }
        let prompt = try #require(rig.providers.asked.first?.request.messages[0].content)
        #expect(prompt.contains("has locked these passages"))
    }

    @Test("a rejected change is undone, told to the next writer, and kept out when made again")
    func reject() async throws {
        let rig = try await rig { _, _ in Self.draft.replacing("still", with: "quiet") }
        rig.providers.release(nil)
        try await rig.withEngine { engine in
            let steps: [TemplateStep] = [
                .turn("Writer"), .gate(.init(name: "look", prompt: "Well?")), .turn("Writer"),
                .turn("Critic"),
            ]
            let input = Rig.input(steps: steps, draft: Self.draft)
            try await engine.start(RefineWorkflow.self, input, id: "run_1")
            try await engine.until("run_1") { $0 == .waiting }
            rig.desk.put(decision: .init(suggestion: 1, accepted: false))
            try await engine.decide("run_1", gate: "look", GateDecision(decision: "approve"))
            try await engine.end(of: "run_1")
            let state = try await engine.state(input)
            #expect(state.manuscript.text == Self.draft)
            #expect(state.manuscript.suggestions.map(\.state) == [.rejected, .open])
            #expect(state.manuscript.suggestions.last?.obstacle == .rejection)
        }
        let prompt = rig.providers.asked[1].request.messages[0].content
        #expect(prompt.contains("has turned these changes down"))
        #expect(prompt.contains("The boats lie quiet."))
    }

    @Test("the best round's text is kept with a person's later edit in it")
    func bestWithEdit() async throws {
        let rig = try await Rig()
        let edit = Self.draft.replacing("night", with: "dawn")
        rig.providers.answer { [desk = rig.desk] request, _ in
            let round = Rig.round(of: request)
            guard request.agent == "Writer" else { return Rig.review(round == 1 ? 9 : 4) }
            // During the second round: the first one's text never had it.
            if round == 2 { desk.put(edit: .init(text: edit, base: 0)) }
            return .init([Self.draft.replacing("still", with: round == 1 ? "in rows" : "about")])
        }
        rig.providers.release(nil)
        try await rig.withEngine { engine in
            let steps: [TemplateStep] = [
                .loop(
                    .init(
                        max: 2,
                        steps: [
                            .turn("Writer"), .turn("Critic"),
                        ]))
            ]
            let input = Rig.input(steps: steps, draft: Self.draft)
            try await engine.start(RefineWorkflow.self, input, id: "run_1")
            try await engine.end(of: "run_1")
            let state = try await engine.state(input)
            #expect(state.manuscript.text.contains("lie in rows."))
            #expect(state.manuscript.text.contains("It is dawn."))
            #expect(state.standing.round == 1 && state.standing.score == 9)
            #expect(try await engine.kinds().contains("document.settled"))
        }
    }

    @Test("cut off with an edit waiting, it is taken in once")
    func crash() async throws {
        for point in ["0.look performed", "3.apply performed", "3.apply before"] {
            let rig = try await rig { _, _ in Self.draft.replacing("still", with: "quiet") }
            let folder = try Folder()
            let died = Shared(false)
            let mine = Self.draft.replacing("night", with: "midnight")
            rig.desk.put(edit: .init(text: mine, base: 0))
            let label = "run_1:2.loop/0.round/0.turn/\(point)"
            try await rig.withEngine(dyingAt: label, died, on: folder.file) { engine in
                try await engine.start(RefineWorkflow.self, Self.input(1), id: "run_1")
                #expect(await soon { died.now })
            }
            #expect(died.now, "it never came to \(point)")
            try await rig.withEngine(on: folder.file) { engine in
                try await engine.end(of: "run_1")
                let state = try await engine.state(Self.input(1))
                #expect(state.manuscript.versions.count { $0.author == .person } == 1)
                #expect(state.manuscript.text == mine.replacing("still", with: "quiet"))
            }
        }
    }
}
