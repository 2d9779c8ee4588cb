public import Contracts
import Refinement

/// What a session may cost: its agents' turns in one round and in all of them, by the length of the
/// document and the prices of their models.
public struct SessionEstimate: Sendable {
    /// What stands around a document in a prompt: the rules of a role, the task, the criteria.
    static let promptTokens = 900
    /// A review, as the next writer reads it.
    static let reviewTokens = 700
    /// A document that is yet to be written.
    static let leastDocument = 600
    /// Documents grow a little while they are worked on, in hundredths.
    static let growth = 110

    /// So many tokens, and what they cost.
    private struct Sum {
        var turns: Int64 = 0
        var input: Int64 = 0
        var output: Int64 = 0
        var thousandths: Int64 = 0
        var microUSD: Int64 = 0

        mutating func add(_ other: Sum, times: Int64) {
            turns += other.turns * times
            input += other.input * times
            output += other.output * times
            thousandths += other.thousandths * times
            microUSD += other.microUSD * times
        }
    }

    private let input: SessionInput
    /// By the agent's name; none for a model that is not known.
    private let models: [String: Providers.ModelCard]
    private let document: Int
    private let references: Int

    /// `models` are those that the agents' names of models lead to.
    public init(_ input: SessionInput, models: [String: Providers.ModelCard]) {
        (self.input, self.models) = (input, models)
        let tokens = TokenEstimate.tokens(in: input.draft) * Self.growth / 100
        document = max(Self.leastDocument, tokens)
        references = input.references.reduce(0) { $0 + TokenEstimate.tokens(in: $1.text) }
    }

    public var estimate: Orchestrator.Estimate {
        var (least, most) = (Sum(), Sum())
        for segment in input.template.segments {
            switch segment {
            case .once(let steps):
                least.add(sum(of: steps), times: 1)
                most.add(sum(of: steps), times: 1)
            case .loop(let loop):
                least.add(sum(of: loop.steps), times: 1)
                most.add(sum(of: loop.steps), times: Int64(loop.max))
            }
        }
        let cards = input.template.agents.map { models[$0.name] }
        return Orchestrator.Estimate(
            turns: .init(least: least.turns, most: most.turns),
            inputTokens: .init(least: least.input, most: most.input),
            outputTokens: .init(least: least.output, most: most.output),
            cost: .init(least: least.thousandths, most: most.thousandths),
            costMicroUSD: .init(least: least.microUSD, most: most.microUSD),
            hold: TurnPrice.hold(turns: input.template.mostTurns),
            isPriced: cards.allSatisfy { $0?.isOffline == true || $0?.inputPrice != nil },
            isOffline: cards.allSatisfy { $0?.isOffline == true })
    }

    private func sum(of steps: [TemplateStep]) -> Sum {
        var all = Sum()
        for step in steps {
            switch step {
            case .turn(let name): all.add(turn(of: name), times: 1)
            case .parallel(let part):
                for name in part.agents { all.add(turn(of: name), times: 1) }
            case .gate: continue
            case .loop(let loop): all.add(sum(of: loop.steps), times: Int64(loop.max))
            }
        }
        return all
    }

    private func turn(of name: String) -> Sum {
        guard let agent = input.template.agent(name) else { return Sum() }
        let card = models[agent.name]
        // A model is not sent more than it reads, nor does it write more than it can.
        let window = ModelWindow(
            contextTokens: card?.contextTokens, outputTokens: card?.outputTokens)
        let bare = document + Self.promptTokens + Self.reviewTokens
        let read = bare + min(references, window.room(beside: bare) ?? 0)
        let written = min(agent.role.reviews ? Self.reviewTokens : document, window.answerTokens)
        var turn = Sum(turns: 1, input: Int64(read), output: Int64(written))
        turn.microUSD =
            Self.price(turn.input, card?.inputPrice)
            &+ Self.price(
                turn.output, card?.outputPrice)
        turn.thousandths = TurnPrice.thousandths(costMicroUSD: turn.microUSD)
        return turn
    }

    /// Prices are millionths of a dollar for a million tokens.
    private static func price(_ tokens: Int64, _ price: Int64?) -> Int64 {
        let (product, isTooLarge) = tokens.multipliedReportingOverflow(by: max(price ?? 0, 0))
        return isTooLarge ? .max / 1_000_000 : (product + 999_999) / 1_000_000
    }
}
