import Dialects
import EventLoop
import MeshContract
import Routing
import Synchronization

/// Asks along a route: a target's other keys, the targets beside it and those behind it, again while
/// nothing of an answer has been heard, within limits and budgets.
struct RoutedAsking: Asking {
    let directory: ProviderDirectory
    let traffic: Traffic
    let budgets: BudgetKeeper
    let keys: KeyVault
    let offline: OfflineProvider
    /// The way to an endpoint.
    let reach: @Sendable (DialectName, Endpoint) -> Upstream
    /// New at each call.
    let makeName: @Sendable () -> String
    /// Wall milliseconds.
    let now: @Sendable () -> Int64

    func ask(_ ask: Ask, tally: Tally, hear: Hear) async throws {
        try await withoutActuallyEscaping(hear) { hear in
            let errand = try Errand(ask, self, tally, hear: hear)
            try await run(errand) { ticket, plan in
                guard let delay = errand.hedgeDelay(ticket) else {
                    return try await errand.attempt(ticket, 0)
                }
                try await HedgedAttempt(errand: errand, delay: delay).run(ticket, &plan)
            }
        }
    }

    func embed(_ ask: EmbeddingAsk, tally: Tally) async throws -> EmbeddingAnswer {
        let question = Ask(
            request: ModelRequest(model: ask.request.model, messages: []), provider: ask.provider,
            model: ask.model, caller: ask.caller, deadline: ask.deadline)
        let errand = try Errand(
            question, self, tally, input: ask.request.estimatedTokens
        ) { _ in }
        let answer = Mutex<EmbeddingAnswer?>(nil)
        try await run(errand) { ticket, _ in
            try await errand.send(ticket) { upstream, line in
                guard let upstream else {
                    throw Fault(
                        .invalid, "the built-in provider makes no embeddings",
                        fields: [FieldFault("/model", "name a model of another provider")])
                }
                var request = ask.request
                request.model = ticket.target.model
                let vectors = try await upstream.embed(request, by: ask.deadline, line)
                answer.withLock { $0 = vectors }
            }
        }
        guard let answer = answer.withLock({ $0 }) else { throw CancellationError() }
        return answer
    }

    func count(_ ask: Ask) async throws -> TokenUsage {
        let user = ask.caller.user
        let route = try directory.route(
            provider: ask.provider, model: ask.model, own: keys.providers(of: user), user: user)
        var request = ask.request
        guard let target = route.targets.first else { throw CancellationError() }
        request.model = target.model
        guard let upstream = try upstream(target, for: user),
            let tokens = try await upstream.count(request, by: ask.deadline)
        else {
            return .estimated(for: request, outputBytes: 0)
        }
        return TokenUsage(input: tokens)
    }

    /// Nil for the built-in provider.
    func upstream(_ target: Target, for user: String) throws -> Upstream? {
        if target.provider == ProvidersConfig.offline { return nil }
        guard let dialect = directory.ways.dialect(of: target.provider) else {
            throw Fault(.invalid, "\(target.provider) is not configured here")
        }
        if ProviderDirectory.isOwnKey(target.key) {
            guard let url = directory.ways.baseURL(of: target.provider),
                let key = try keys.key(of: user, for: target.provider)
            else { throw Fault(.invalid, "the key of your own for \(target.provider) is gone") }
            return reach(dialect, Endpoint(baseURL: url, key: key))
        }
        guard let endpoint = directory.ways.endpoint(target.lane) else {
            throw Fault(.invalid, "\(target.provider) is not configured here")
        }
        return reach(dialect, endpoint)
    }

    // MARK: The plan

    /// Makes one request after the other until one succeeds, or none is left to be made.
    private func run(
        _ errand: Errand,
        _ attempt: (Traffic.Ticket, inout AttemptPlan) async throws -> Void
    ) async throws {
        var plan = errand.plan
        var last: (any Error)?
        while true {
            switch traffic.next(&plan, tokens: errand.tokens) {
            case .ask(let ticket):
                do {
                    return try await attempt(ticket, &plan)
                } catch {
                    if Task.isCancelled { throw error }
                    last = error
                    if errand.gate.isOpen { plan.shown() }
                    plan.failed(
                        ticket.target, Traffic.failure(error), now: monotonic(),
                        chance: .random(in: 0...1))
                }
            case .wait(let until):
                let now = monotonic()
                try await Task.sleep(for: .nanoseconds(Int64(until > now ? until - now : 0)))
            case .queue(let until): try await traffic.waitForRoom(until: until)
            case .stop(let end): throw last ?? errand.refusal(end)
            }
        }
    }
}
