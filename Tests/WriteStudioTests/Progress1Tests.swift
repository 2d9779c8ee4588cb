import Contracts
import Refinement
import Testing

@testable import WriteStudio

@Suite("A session of the first form as far as it has come")
struct Progress1Tests {
    private let input = SessionInput1(
        user: Rig.user,
        plan: Rig.plan(
            rounds: 3, roles: [("Writer", .writer), ("One", .critic), ("Two", .critic)]),
        draft: "A draft.", references: [])

    private func turn(
        _ agent: String, round: Int, _ text: String = "", score: Double? = nil,
        criteria: [String: Double] = [:]
    ) -> TurnResult {
        TurnResult(
            round: round, agent: agent, role: agent == "Writer" ? .writer : .critic,
            provider: "p", model: "m", isOffline: false, text: text,
            reading: score.map {
                ScoreReading(score: $0, criteria: criteria, notes: [], tier: .json)
            },
            usage: Providers.Usage(
                inputTokens: 0, outputTokens: 0, cachedTokens: 0, isEstimated: false,
                costMicroUSD: nil), charged: 100)
    }

    @Test("before the first turn there is the draft")
    func nothing() {
        let progress = SessionProgress1(input, [])
        #expect(progress.document == "A draft.")
        #expect(progress.rounds.isEmpty && progress.turns.isEmpty)
        #expect(progress.score == nil && progress.bestRound == nil)
    }

    @Test("in the first round the newest text counts")
    func first() {
        let progress = SessionProgress1(input, [turn("Writer", round: 1, "One")])
        #expect(progress.document == "One")
        #expect(progress.rounds.isEmpty)
        #expect(progress.turns.map(\.count) == [1])
    }

    @Test("a round's score is the mean of its reviews, criteria each by their own")
    func scores() {
        let progress = SessionProgress1(
            input,
            [
                turn("Writer", round: 1, "Text"),
                turn("One", round: 1, score: 4, criteria: ["clarity": 2, "wit": 6]),
                turn("Two", round: 1, score: 9, criteria: ["clarity": 8]),
            ])
        #expect(progress.score == 6.5)
        #expect(progress.rounds[0].criteria == ["clarity": 5, "wit": 6])
        #expect(progress.rounds[0].isChanged)
    }

    @Test("a review without a score counts for nothing, and a round may have none")
    func noScores() {
        let one = [
            turn("Writer", round: 1, "Text"), turn("One", round: 1, score: 4),
            turn("Two", round: 1),
        ]
        #expect(SessionProgress1(input, one).score == 4)
        let none = [
            turn("Writer", round: 1, "A draft."), turn("One", round: 1), turn("Two", round: 1),
        ]
        let progress = SessionProgress1(input, none)
        #expect(progress.score == nil)
        #expect(progress.bestRound == 1)
        #expect(!progress.rounds[0].isChanged)
    }

    @Test("the best round's document is shown while a later one is under way")
    func best() {
        let progress = SessionProgress1(
            input,
            [
                turn("Writer", round: 1, "One"), turn("One", round: 1, score: 9),
                turn("Two", round: 1, score: 9), turn("Writer", round: 2, "Two"),
                turn("One", round: 2, score: 3), turn("Two", round: 2, score: 3),
                turn("Writer", round: 3, "Three"),
            ])
        #expect(progress.document == "One")
        #expect(progress.bestRound == 1)
        #expect(progress.rounds.count == 2)
        #expect(progress.turns.map(\.count) == [3, 3, 1])
    }

    @Test("turns stand in the agents' order, whichever ended first")
    func order() {
        let progress = SessionProgress1(
            input,
            [
                turn("Writer", round: 1, "One"), turn("Two", round: 1, score: 1),
                turn("One", round: 1, score: 2),
            ])
        #expect(progress.turns[0].map(\.agent) == ["Writer", "One", "Two"])
    }
}
