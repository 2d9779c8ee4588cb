import Glibc
import Testing

@testable import Offline

/// Sessions as the orchestrator runs them: its prompts, its reader of scores, its cleaning. The
/// folder `Refinement` here is a link to that library's sources, which this test does not see as a
/// module.
@Suite struct SessionTests {
    private let preset = Preset.all[2]

    private struct Round {
        var document: String
        var reading: ScoreReading
    }

    /// Writer then reviewer, until nothing changes.
    private func session(_ draft: String, criteria: [Criterion], rounds: Int) -> [Round] {
        var document = draft
        var critique: [Material] = []
        var done: [Round] = []
        for round in 1...rounds {
            let writing = Prompts.writing(
                preset.agents[0], title: "Example", document: document, critiques: critique,
                round: round, of: rounds)
            document = CleanText.clean(reply(writing))
            let reviewing = Prompts.reviewing(
                preset.agents[1], title: "Example", document: document, criteria: criteria,
                round: round, of: rounds)
            let answer = reply(reviewing)
            critique = [Material(name: "Simplifier", text: answer)]
            guard let reading = ScoreReader.read(answer, criteria: criteria) else { break }
            done.append(Round(document: document, reading: reading))
        }
        return done
    }

    private func reply(_ prompt: Prompt) -> String {
        Offline.reply(system: prompt.system, messages: [("user", prompt.message)])
    }

    private func review(_ document: String, _ criteria: [Criterion]) -> ScoreReading? {
        let prompt = Prompts.reviewing(
            preset.agents[1], title: "Example", document: document, criteria: criteria, round: 1,
            of: 5)
        return ScoreReader.read(reply(prompt), criteria: criteria)
    }

    @Test(
        "the examples score low as drafts, rise every round and pass eight",
        arguments: ["incident-notes.md", "project-proposal.md"])
    func rises(name: String) throws {
        let draft = try Example.text(name)
        let first = try #require(review(draft, Criterion.standard))
        #expect((3.5...6.5).contains(first.score), "\(first)")
        let rounds = session(draft, criteria: Criterion.standard, rounds: 5)
        let scores = [first.score] + rounds.map(\.reading.score)
        print(scores)
        #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 <= $1 }, "\(scores)")
        #expect(scores[1] > scores[0] && scores[2] > scores[1], "\(scores)")
        #expect(scores[5] > 8, "\(scores)")
        #expect(rounds[4].document == rounds[3].document, "a fixed point within five rounds")
    }
}
