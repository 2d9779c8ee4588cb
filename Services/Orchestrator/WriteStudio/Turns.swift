import Contracts
import Durable
import Mesh
import MeshContract
import Refinement

/// One round: every agent takes its turn, in order; reviewers side by side where the plan says so.
struct Turns: Sendable {
    /// Room for a long document; a model's own limit may be lower.
    private static let maxTokens = 16_000
    /// How long one question for more text waits.
    private static let wait = 10_000

    let mesh: MeshClient
    let live: LiveText
    let input: SessionInput
    let open: OpenStreams

    func round(
        _ number: Int, document: String, earlier: [TurnResult], in run: Run
    ) async throws -> [TurnResult] {
        try run.emit(SessionEvent.roundStarted, SessionEvent.RoundStarted(round: number))
        var results: [TurnResult] = []
        var rest = input.plan.agents[...]
        while let agent = rest.first {
            let text = results.last { $0.role == .writer }?.text ?? document
            var group = [agent]
            if input.plan.parallelCritique && agent.role.reviews {
                group = Array(rest.prefix { $0.role.reviews })
            }
            rest = rest.dropFirst(group.count)
            if group.count == 1 {
                results.append(
                    try await turn(of: agent, number, text, earlier + results, in: run))
            } else {
                let before = earlier + results
                results += try await run.parallel("reviews", group) { agent, run in
                    try await turn(of: agent, number, text, before, in: run)
                }
            }
        }
        return results
    }

    private func turn(
        of agent: Agent, _ number: Int, _ document: String, _ earlier: [TurnResult], in run: Run
    ) async throws -> TurnResult {
        let request = request(agent, number, document, earlier)
        let stream = try await run.step("ask", .patient) { step in
            var request = request
            (request.key, request.run) = (step.key, run.id)
            let stream = try await mesh.call(request)
            try step.emit(
                SessionEvent.turnStarted,
                SessionEvent.TurnStarted(
                    round: number, agent: agent.name, role: agent.role, provider: stream.provider,
                    model: stream.model, offline: stream.isOffline, step: step.key))
            return stream
        }
        open.insert(stream.key)
        defer { open.remove(stream.key) }
        return try await run.step("answer", .patient) { step in
            var request = request
            (request.key, request.run) = (stream.key, run.id)
            let answer = try await read(stream, request, agent, step, run.id)
            live.end(stream.key, of: run.id)
            return try await settle(answer, stream, agent, number, step, run.id)
        }
    }

    private func request(
        _ agent: Agent, _ number: Int, _ document: String, _ earlier: [TurnResult]
    ) -> Providers.Generate {
        let plan = input.plan
        let prompt =
            agent.role.reviews
            ? Prompts.reviewing(
                agent, title: plan.title, document: document, criteria: plan.criteria,
                references: input.references, round: number, of: plan.maxRounds)
            : Prompts.writing(
                agent, title: plan.title, document: document, critiques: critiques(earlier),
                references: input.references, round: number, of: plan.maxRounds)
        return Providers.Generate(
            key: "", user: input.user, run: "", agent: agent.name,
            provider: agent.provider.isEmpty ? nil : agent.provider,
            model: agent.model.isEmpty ? nil : agent.model, system: prompt.system,
            messages: [Providers.Message(role: "user", content: prompt.message)],
            maxTokens: Self.maxTokens, temperature: agent.temperature)
    }

    /// What the reviewers last said: each one's newest review.
    private func critiques(_ earlier: [TurnResult]) -> [Material] {
        input.plan.agents.filter(\.role.reviews).compactMap { agent in
            earlier.last { $0.agent == agent.name }.map { Material(name: $0.agent, text: $0.text) }
        }
    }

    // MARK: The answer

    private struct Answer: Sendable {
        var text: String
        var completion: Providers.Completion
    }

    /// Pulls the text as it is written. A provider service that was restarted has lost an answer in
    /// progress: it is asked again under the same key, and its text begins again at offset 0.
    private func read(
        _ stream: Providers.StreamInfo, _ request: Providers.Generate, _ agent: Agent,
        _ step: Step, _ run: String
    ) async throws -> Answer {
        var attempt = stream.attempt
        var text = ""
        var offset = 0
        var again = Beginnings()
        live.begin(stream.key, of: run, attempt: attempt, agent: agent.name)
        while true {
            let piece: Providers.StreamPiece
            do {
                piece = try await mesh.call(
                    Providers.ReadStream(
                        key: stream.key, attempt: attempt, offset: offset,
                        waitMilliseconds: Self.wait), within: .milliseconds(Self.wait + 5_000))
            } catch {
                again.note(error)
                guard again.mayBegin else { throw TurnFailure(fault: error) }
                try await Task.sleep(for: again.pause)
                let now = try await mesh.call(request).attempt
                // The same attempt goes on where it was; another one begins again.
                if now != attempt { (text, offset, attempt) = ("", 0, now) }
                live.begin(stream.key, of: run, attempt: attempt, agent: agent.name)
                continue
            }
            if !piece.text.isEmpty {
                live.append(
                    piece.text, at: offset, to: stream.key, of: run, leftAt: piece.leftProviderAt)
                text += piece.text
                offset = piece.nextOffset
                try step.progress(Durable.Done())
            }
            if let completion = piece.completion {
                return Answer(text: text, completion: completion)
            }
        }
    }

    /// Charges the turn, reads its score and tells of it, all before the step is journaled: the
    /// charge has a key of its own and acts once.
    private func settle(
        _ answer: Answer, _ stream: Providers.StreamInfo, _ agent: Agent, _ number: Int,
        _ step: Step, _ run: String
    ) async throws -> TurnResult {
        let usage = answer.completion.usage
        let charge = TurnPrice.thousandths(costMicroUSD: usage.costMicroUSD)
        let state = try await mesh.call(
            Billing.Capture(run: run, amount: charge, key: stream.key))
        step.spend(charge - state.shortfall)
        guard state.shortfall == 0 else {
            throw Fault(
                .noCredits, "the credits are used up",
                detail: "\(Double(state.shortfall) / 1_000) credits are missing for this turn")
        }
        let text = agent.role.reviews ? answer.text : CleanText.clean(answer.text)
        guard !text.allSatisfy(\.isWhitespace) else {
            throw Fault(.upstream, "\(stream.provider) answered with an empty text")
        }
        let reading =
            agent.role.reviews
            ? ScoreReader.read(answer.text, criteria: input.plan.criteria) : nil
        try step.emit(
            SessionEvent.turnCompleted,
            SessionEvent.TurnCompleted(
                round: number, agent: agent.name, role: agent.role, provider: stream.provider,
                model: stream.model, offline: stream.isOffline, inputTokens: usage.inputTokens,
                outputTokens: usage.outputTokens, estimated: usage.isEstimated,
                cost: Double(charge) / 1_000, charged: charge,
                words: text.split { $0.isWhitespace }.count, score: reading?.score,
                step: stream.key))
        return TurnResult(
            round: number, agent: agent.name, role: agent.role, provider: stream.provider,
            model: stream.model, isOffline: stream.isOffline, text: text, reading: reading,
            usage: usage, charged: charge)
    }
}
