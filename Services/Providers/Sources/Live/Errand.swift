import Contracts
import Dialects
import EventLoop
import MeshContract
import Routing

/// One question on its way along a route.
struct Errand: Sendable {
    let ask: Ask
    let asking: RoutedAsking
    let tally: Tally
    let route: Route
    let gate = AnswerGate()
    /// What it takes of a limit of tokens, as far as can be known before.
    let tokens: Int
    private let input: Int
    private let isNamed: Bool
    private let isEmbedding: Bool
    private let hear: Asking.Hear

    /// Most models write no more when nothing was said.
    private static let usualOutput = 4_096

    init(
        _ ask: Ask, _ asking: RoutedAsking, _ tally: Tally, input: Int? = nil,
        hear: @escaping Asking.Hear
    ) throws {
        (self.ask, self.asking, self.tally, self.hear) = (ask, asking, tally, hear)
        let user = ask.caller.user
        route = try asking.directory.route(
            provider: ask.provider, model: ask.model, own: asking.keys.providers(of: user),
            user: user)
        isNamed = asking.directory.named(provider: ask.provider, model: ask.model) != nil
        isEmbedding = input != nil
        guard isEmbedding || asking.traffic.isLimited || asking.budgets.isActive else {
            (self.input, tokens) = (0, 0)
            return
        }
        self.input = input ?? TokenUsage.estimated(for: ask.request, outputBytes: 0).input
        tokens = self.input + (isEmbedding ? 0 : ask.request.maxTokens ?? 1_024)
    }

    var plan: AttemptPlan {
        let limit = monotonic() &+ asking.directory.config.timeout.nanoseconds
        return AttemptPlan(route, deadline: min(ask.deadline, limit))
    }

    func hedgeDelay(_ ticket: Traffic.Ticket) -> Duration? {
        HedgeRule.delay(route.hedge) {
            asking.traffic.firstToken(ticket.target, percentile: $0)
        }
    }

    /// Why nothing was asked at all.
    func refusal(_ end: AttemptPlan.End) -> Fault {
        let now = monotonic()
        let words = "\(route.name) takes no more requests for now"
        guard case .tooLate(let moment) = end else { return Fault(.timedOut, words) }
        let wait = moment > now ? Int(clamping: (moment - now) / 1_000_000) : 0
        return Fault(
            .limited, words, detail: "every way to it is at a limit, or asked to be left alone",
            retryAfterMilliseconds: wait)
    }

    // MARK: One request

    /// Asks one target for an answer. `number` tells requests apart that are made at once; `won` is
    /// told when this one is the first to say something.
    func attempt(
        _ ticket: Traffic.Ticket, _ number: Int, won: @escaping @Sendable () -> Void = {}
    ) async throws {
        let request = request(for: ticket.target)
        defer { gate.drop(number) }
        try await send(ticket) { upstream, line in
            let hear: Asking.Hear = { [gate, tally, hear] events in
                let wasOpen = gate.isOpen
                guard let passed = gate.pass(events, of: number) else { throw CancellationError() }
                guard !passed.isEmpty else { return }
                if !wasOpen {
                    tally.prefer(line)
                    won()
                }
                try await hear(passed)
            }
            guard let upstream else {
                return try await asking.offline.answer(request, line, hear)
            }
            try await upstream.ask(
                request, named: asking.makeName(), by: ask.deadline, line, hear)
        }
    }

    /// Makes a request within the budgets, and books what came of it, also of one that was given up.
    func send(
        _ ticket: Traffic.Ticket, _ body: (Upstream?, Tally.Line) async throws -> Void
    ) async throws {
        let target = ticket.target
        let choice = ProviderDirectory.Choice(
            provider: target.provider, model: target.model,
            isOwnKey: ProviderDirectory.isOwnKey(target.key))
        let hold: BudgetKeeper.Hold?
        do {
            hold = try await self.hold(for: choice)
        } catch {
            asking.traffic.end(
                ticket, Failure(.cancelled), used: TokenUsage(), firstAt: nil, wall: asking.now())
            throw error
        }
        let line = tally.open(choice)
        do {
            try await body(try asking.upstream(target, for: ask.caller.user), line)
        } catch {
            let failure = Task.isCancelled ? Failure(.cancelled) : Traffic.failure(error)
            await end(ticket, line, hold, failure)
            throw error
        }
        await end(ticket, line, hold, nil)
    }

    private func end(
        _ ticket: Traffic.Ticket, _ line: Tally.Line, _ hold: BudgetKeeper.Hold?,
        _ failure: Failure?
    ) async {
        let now = asking.now()
        var used = line.usage(of: ask.request)
        if isEmbedding, line.figures.wasAsked, line.figures.usage == nil {
            used = TokenUsage(input: input, isEstimated: true)
        }
        asking.traffic.end(
            ticket, failure, used: used, firstAt: line.figures.firstAt, wall: now)
        guard let hold else { return }
        let bill = asking.directory.bill(used, of: line.choice, at: now)
        await asking.budgets.settle(hold, bill.costNanoUSD ?? 0)
    }

    /// What a user's own key pays for is in no budget of the installation.
    private func hold(
        for choice: ProviderDirectory.Choice
    ) async throws -> BudgetKeeper.Hold? {
        guard asking.budgets.isActive, !choice.isOwnKey else { return nil }
        let caller = ask.caller
        let price = asking.directory.price(of: choice, at: asking.now()).price
        // Two bytes to a token are fewer than any tokenizer makes of a text that is meant.
        let known = ModelCatalogue.find(choice.model, of: choice.provider)
        let output =
            isEmbedding ? 0 : ask.request.maxTokens ?? known?.outputTokens ?? Self.usualOutput
        return try await asking.budgets.hold(
            Spender(
                key: caller.apiKeyID ?? "", user: caller.user, project: caller.project ?? "",
                run: caller.run),
            price?.bound(input: input * 2, output: output))
    }

    /// A route's models differ in what they take; a model that was named is asked as was said.
    private func request(for target: Target) -> ModelRequest {
        var request = ask.request
        request.model = target.model
        if isNamed,
            ModelCatalogue.find(target.model, of: target.provider)?.takesTemperature == false
        {
            request.sampling.temperature = nil
        }
        return request
    }
}
