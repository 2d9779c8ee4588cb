import Contracts
import Testing
import WriteStudio

@Suite("What a session would cost")
struct EstimateTests {
    private func card(
        _ input: Int64?, _ output: Int64?, isOffline: Bool = false, context: Int? = nil
    ) -> Providers.ModelCard {
        Providers.ModelCard(
            provider: "p", model: "m", isDefault: true, isOffline: isOffline, inputPrice: input,
            outputPrice: output, contextTokens: context)
    }

    private func input(
        draft: String = "A draft.", rounds: Int = 3, references: [Orchestrator.Reference] = []
    ) throws -> SessionInput {
        var request = Orchestrator.CreateSession(user: "u", draft: draft)
        request.agents = [
            .init(name: "Writer", role: "writer"), .init(name: "Critic", role: "critic"),
        ]
        (request.maxRounds, request.references) = (rounds, references)
        return try SessionRequest(request).input()
    }

    private func estimate(
        _ input: SessionInput, _ card: Providers.ModelCard?
    ) -> Orchestrator.Estimate {
        SessionEstimate(
            input, models: card.map { ["Writer": $0, "Critic": $0] } ?? [:]
        ).estimate
    }

    @Test("it goes from one round to all of them")
    func span() throws {
        let found = estimate(try input(rounds: 4), card(3_000_000_000_000, 15_000_000_000_000))
        #expect(found.turns == .init(least: 2, most: 8))
        // A short draft counts as a page: 600 tokens, beside 900 of the prompt and 700 of reviews.
        #expect(found.inputTokens == .init(least: 4_400, most: 17_600))
        #expect(found.outputTokens == .init(least: 1_300, most: 5_200))
        #expect(found.costMicroUSD.most == 4 * found.costMicroUSD.least)
        // 4,400 at 3 dollars and 1,300 at 15 dollars for a million tokens, times a million.
        #expect(found.costMicroUSD.least == 32_700_000_000)
        #expect(found.cost.least == 3_270_000_000)
        #expect(found.isPriced && !found.isOffline)
        #expect(found.hold == TurnPrice.hold(turns: 8))
    }

    @Test("a turn costs the turn fee at least, also where no model is called")
    func fees() throws {
        let offline = estimate(try input(rounds: 1), card(nil, nil, isOffline: true))
        #expect(offline.cost == .init(least: 2 * TurnPrice.fee, most: 2 * TurnPrice.fee))
        #expect(offline.costMicroUSD.most == 0 && offline.isOffline && offline.isPriced)
        let unknown = estimate(try input(rounds: 1), nil)
        #expect(!unknown.isPriced && !unknown.isOffline)
        #expect(unknown.cost.most == 2 * TurnPrice.fee)
    }

    @Test("references count as far as a model reads them, and a long document at its length")
    func lengths() throws {
        let text = String(repeating: "word ", count: 40_000)
        let reference = Orchestrator.Reference(name: "long", content: text)
        let all = estimate(try input(rounds: 1, references: [reference]), card(1, 1))
        let part = estimate(
            try input(rounds: 1, references: [reference]), card(1, 1, context: 20_000))
        #expect(all.inputTokens.most > 100_000)
        #expect(part.inputTokens.most < 40_000)
        let long = estimate(try input(draft: text, rounds: 1), card(1, 1))
        #expect(long.outputTokens.most > 16_000)
    }

    @Test("a price beyond all bounds overflows nothing")
    func bounds() throws {
        let found = estimate(try input(rounds: 10), card(.max, .max))
        #expect(found.cost.most > 0)
    }
}
