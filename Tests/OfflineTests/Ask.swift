import Refinement

@testable import Offline

/// Short ways to ask for a turn in the tests.
enum Ask {
    /// The document after a writer's turn.
    static func write(_ document: String, round: Int, critique: String? = nil) -> String {
        let agent = Agent(name: "Ada", role: .writer, model: "offline", instructions: "")
        let prompt = Prompts.writing(
            agent, title: "Test", document: document,
            critiques: critique.map { [Material(name: "Bob", text: $0)] } ?? [], round: round,
            of: 10)
        return Offline.reply(system: prompt.system, messages: [("user", prompt.message)])
    }

    static func review(_ document: String, criteria: [Criterion] = Criterion.standard) -> String {
        let agent = Agent(name: "Bob", role: .critic, model: "offline", instructions: "")
        let prompt = Prompts.reviewing(
            agent, title: "Test", document: document, criteria: criteria, round: 1, of: 10)
        return Offline.reply(system: prompt.system, messages: [("user", prompt.message)])
    }

    static func score(_ document: String) -> Double? {
        ScoreReader.read(review(document), criteria: Criterion.standard)?.score
    }

    /// Rounds without critiques until one leaves the document as it is.
    static func rounds(_ document: String) -> (document: String, count: Int) {
        var document = document
        for round in 1...10 {
            let next = write(document, round: round)
            if next == document { return (document, round) }
            document = next
        }
        return (document, 11)
    }
}
