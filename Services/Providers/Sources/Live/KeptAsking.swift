import Crypto
import Dialects
import EventLoop
import MeshContract
import Routing
import Synchronization

/// Answers again what was answered already: a question under the same key, and, where the operator
/// wants it, the same question of the same user. What is answered from here costs nothing.
struct KeptAsking: Asking {
    let asking: any Asking
    let directory: ProviderDirectory
    let keys: KeyVault
    let kept: KeptAnswers

    func ask(_ ask: Ask, tally: Tally, hear: Hear) async throws {
        let isKeyed = ask.key != nil && ask.dialect != nil
        guard isKeyed || kept.isCaching(ask.request), let question = question(ask) else {
            return try await asking.ask(ask, tally: tally, hear: hear)
        }
        let claim = try kept.claim(question, under: isKeyed ? ask.key : nil, for: ask)
        if case .kept(let answer) = claim {
            let line = tally.open(answer.choice)
            line.take(answer.events)
            // The client sees the figures of the answer; nothing was used this time.
            line.note { $0.usage = TokenUsage() }
            return try await hear(answer.events)
        }
        let builder = Mutex(AnswerBuilder())
        do {
            try await withoutActuallyEscaping(hear) { hear in
                try await asking.ask(ask, tally: tally) { events in
                    builder.withLock { $0.add(events) }
                    try await hear(events)
                }
            }
        } catch {
            kept.end(question, under: isKeyed ? ask.key : nil, for: ask, nil)
            throw error
        }
        let answer = builder.withLock { $0.answer }
        let result = (tally.last?.choice).map {
            KeptAnswers.Answer(choice: $0, events: answer.events)
        }
        kept.end(question, under: isKeyed ? ask.key : nil, for: ask, result)
    }

    func embed(_ ask: EmbeddingAsk, tally: Tally) async throws -> EmbeddingAnswer {
        try await asking.embed(ask, tally: tally)
    }

    func count(_ ask: Ask) async throws -> TokenUsage { try await asking.count(ask) }

    /// What decides an answer, as the first of its targets would be asked: the same bytes for the
    /// same question, whoever's key it is asked with. Nil for what cannot be asked, and for the
    /// built-in provider.
    private func question(_ ask: Ask) -> String? {
        let user = ask.caller.user
        guard
            let target = try? directory.route(
                provider: ask.provider, model: ask.model, own: keys.providers(of: user), user: user
            ).targets.first, let dialect = directory.ways.dialect(of: target.provider)
        else { return nil }
        var request = ask.request
        (request.model, request.isStreamed) = (target.model, true)
        let endpoint = Endpoint(baseURL: Ways.standardURL(dialect))
        guard let call = try? dialect.dialect.request(request, endpoint: endpoint) else {
            return nil
        }
        let name =
            "\(ask.provider ?? "")\0\(ask.model ?? "")\0\(target.provider)\0\(target.model)\0"
        return SHA256.hex(Array(name.utf8) + call.body)
    }
}

/// The answers that are kept in memory, and the keys under which questions are being answered.
final class KeptAnswers: Sendable {
    struct Answer: Sendable {
        let choice: ProviderDirectory.Choice
        let events: [ModelEvent]

        var bytes: Int {
            events.reduce(0) { sum, event in
                switch event {
                case .text(_, let text), .thinking(_, let text), .arguments(_, let text):
                    sum + text.utf8.count + 64
                case .signature(_, let signature): sum + signature.value.utf8.count + 64
                case .start, .open, .detail, .close, .usage, .stop, .other: sum + 256
                }
            }
        }
    }

    enum Claim: Sendable {
        /// To be asked; its end is to be told.
        case open
        case kept(Answer)
    }

    private struct Keyed: Sendable {
        var question: String
        var answer: Answer
    }

    private struct State {
        var cache: AnswerCache<Answer>?
        var keyed: AnswerCache<Keyed>
        var open: Set<AnswerCache<Keyed>.Question> = []
    }

    /// For as long as a client may come again with its key, and in so much memory.
    private static let keyed = CacheRule(time: .seconds(86_400), bytes: 64 << 20)

    private let rule: CacheRule?
    private let state: Mutex<State>

    init(_ rule: CacheRule?) {
        self.rule = rule
        state = Mutex(
            State(cache: rule.map { AnswerCache($0) }, keyed: AnswerCache(Self.keyed)))
    }

    /// Whether the same question is to have the same answer.
    func isCaching(_ request: ModelRequest) -> Bool {
        guard let rule else { return false }
        return rule.isForAll || request.sampling.temperature == 0 || request.sampling.seed != nil
    }

    func claim(_ question: String, under key: String?, for ask: Ask) throws -> Claim {
        let (user, now) = (ask.caller.user, monotonic())
        return try state.withLock { state in
            if let key {
                let name = AnswerCache<Keyed>.Question(user: user, digest: key)
                if let kept = state.keyed.find(name, now: now) {
                    guard kept.question == question else {
                        throw Fault(.conflict, "this key was used for another request")
                    }
                    return .kept(kept.answer)
                }
                guard state.open.insert(name).inserted else {
                    throw Fault(
                        .conflict, "a request under this key is being answered",
                        retryAfterMilliseconds: 1_000)
                }
            }
            guard isCaching(ask.request),
                let answer = state.cache?.find(.init(user: user, digest: question), now: now)
            else { return .open }
            if let key { state.open.remove(.init(user: user, digest: key)) }
            return .kept(answer)
        }
    }

    /// Nil for a question that has no whole answer.
    func end(_ question: String, under key: String?, for ask: Ask, _ answer: Answer?) {
        let (user, now) = (ask.caller.user, monotonic())
        state.withLock { state in
            if let key {
                let name = AnswerCache<Keyed>.Question(user: user, digest: key)
                state.open.remove(name)
                if let answer {
                    state.keyed.keep(
                        Keyed(question: question, answer: answer), bytes: answer.bytes, for: name,
                        now: now)
                }
            }
            guard let answer, isCaching(ask.request) else { return }
            state.cache?.keep(
                answer, bytes: answer.bytes, for: .init(user: user, digest: question), now: now)
        }
    }
}
