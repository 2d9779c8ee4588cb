import Contracts
import Durable
import MeshContract
import Refinement

/// The end of one turn: charged, judged and told of, all before its step is journaled.
struct Settlement: Sendable {
    let agent: Agent
    let round: Int
    let criteria: [Criterion]
    var position: Int?
    var version: Int?
    var leftOut: [ReferenceCut]?
    /// The document before, for an answer to end as it does.
    var before: String?

    func settle(
        _ answer: AnswerReader.Answer, by payment: Payment, in step: Step
    ) async throws -> TurnResult {
        let (stream, usage) = (answer.stream, answer.completion.usage)
        let charge = TurnPrice.thousandths(of: usage)
        try await payment.take(charge, for: stream, in: step)
        // A document that ends in the middle must not take the place of a whole one.
        guard agent.role.reviews || answer.completion.stopReason != "length" else {
            throw Fault(
                .upstream, "\(stream.model) cut its answer off at its limit of length",
                detail: "the document was kept as it was before this turn")
        }
        let text = agent.role.reviews ? answer.text : document(in: answer.text)
        guard !text.allSatisfy(\.isWhitespace) else {
            throw Fault(.upstream, "\(stream.provider) answered with an empty text")
        }
        let reading =
            agent.role.reviews ? ScoreReader.read(answer.text, criteria: criteria) : nil
        try step.emit(
            SessionEvent.turnCompleted,
            SessionEvent.TurnCompleted(
                round: round, agent: agent.name, role: agent.role, provider: stream.provider,
                model: stream.model, offline: stream.isOffline, inputTokens: usage.inputTokens,
                outputTokens: usage.outputTokens, estimated: usage.isEstimated,
                cost: Double(charge) / 1_000, charged: charge,
                words: text.split { $0.isWhitespace }.count, score: reading?.score,
                step: stream.key))
        return TurnResult(
            round: round, agent: agent.name, role: agent.role, provider: stream.provider,
            model: stream.model, isOffline: stream.isOffline, text: text, reading: reading,
            usage: usage, charged: charge, position: position, version: version, leftOut: leftOut)
    }

    /// Blanks at the end are no change: models add and drop them as it comes.
    private func document(in answer: String) -> String {
        let text = CleanText.clean(answer)
        guard let before, !before.allSatisfy(\.isWhitespace), !text.allSatisfy(\.isWhitespace)
        else { return text }
        func body(_ text: String) -> Substring.UnicodeScalarView {
            let scalars = Substring(text).unicodeScalars
            let last = scalars.lastIndex { !$0.properties.isWhitespace }
            return scalars[...(last ?? scalars.startIndex)]
        }
        let end = before.unicodeScalars[body(before).endIndex...]
        return String(Substring(body(text))) + String(Substring(end))
    }
}
