import Contracts
import Dialects
import EventLoop
import MeshContract

/// Asks the one provider that the question leads to, again while nothing of an answer has come.
struct PlainAsking: Asking {
    let directory: ProviderDirectory
    let offline: OfflineProvider
    let rule: RetryRule
    /// The way to an endpoint.
    let reach: @Sendable (DialectName, Endpoint) -> Upstream
    /// New at each call.
    let makeName: @Sendable () -> String

    private var timeout: Duration { directory.config.timeout }

    func ask(_ ask: Ask, tally: Tally, hear: Hear) async throws {
        let choice = try directory.choose(provider: ask.provider, model: ask.model)
        var request = ask.request
        request.model = choice.model
        guard let upstream = try upstream(choice) else {
            return try await offline.answer(request, tally.open(choice), hear)
        }
        let begun = monotonic()
        for attempt in 1... {
            do {
                let line = tally.open(choice)
                return try await upstream.ask(
                    request, named: makeName(), by: ask.deadline, line, hear)
            } catch {
                guard !tally.hasBegun, !Task.isCancelled,
                    let pause = rule.pause(
                        after: error, attempt: attempt, left: left(since: begun, ask.deadline),
                        chance: .random(in: 0...1))
                else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }

    func embed(_ ask: EmbeddingAsk, tally: Tally) async throws -> EmbeddingAnswer {
        let choice = try directory.choose(provider: ask.provider, model: ask.model)
        guard let upstream = try upstream(choice) else {
            throw Fault(
                .invalid, "the built-in provider makes no embeddings",
                fields: [FieldFault("/model", "name a model of another provider")])
        }
        var request = ask.request
        request.model = choice.model
        let begun = monotonic()
        for attempt in 1... {
            do {
                return try await upstream.embed(request, by: ask.deadline, tally.open(choice))
            } catch {
                guard !Task.isCancelled,
                    let pause = rule.pause(
                        after: error, attempt: attempt, left: left(since: begun, ask.deadline),
                        chance: .random(in: 0...1))
                else { throw error }
                try await Task.sleep(for: pause)
            }
        }
        throw CancellationError()  // not reached: the loop has no end
    }

    func count(_ ask: Ask) async throws -> TokenUsage {
        let choice = try directory.choose(provider: ask.provider, model: ask.model)
        var request = ask.request
        request.model = choice.model
        guard let upstream = try upstream(choice),
            let tokens = try await upstream.count(request, by: ask.deadline)
        else {
            return .estimated(for: request, outputBytes: 0)
        }
        return TokenUsage(input: tokens)
    }

    /// Nil for the built-in provider.
    private func upstream(_ choice: ProviderDirectory.Choice) throws -> Upstream? {
        if choice.isOffline { return nil }
        guard let name = DialectName(rawValue: choice.provider),
            let found = directory.upstream(choice.provider)
        else { throw Fault(.invalid, "\(choice.provider) is not configured here") }
        return reach(name, found.endpoint)
    }

    private func left(since begun: UInt64, _ deadline: UInt64) -> Duration {
        let now = monotonic()
        let rest = deadline > now ? deadline - now : 0
        return min(
            timeout - .nanoseconds(Int64(clamping: now - begun)),
            .nanoseconds(Int64(clamping: rest)))
    }
}
